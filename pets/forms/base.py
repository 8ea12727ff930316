"""What every form of ours has."""

from flask_wtf import FlaskForm
from flask_wtf.csrf import _FlaskFormCSRF
from wtforms import Field, Form, ValidationError

EXPIRED = "This page was open for too long to be sent. Everything you typed is still here: send it again."


class _Token(_FlaskFormCSRF):
    def validate_csrf_token(self, form: Form, field: Field) -> None:
        try:
            super().validate_csrf_token(form, field)
        except ValidationError as problem:
            raise ValidationError(EXPIRED) from problem


class PetsForm(FlaskForm):
    """What every form of ours has: a token whose refusal says what to do, and comes with a new one."""

    class Meta(FlaskForm.Meta):
        csrf_class = _Token
