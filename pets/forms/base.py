"""What every form of ours has."""

import re
import secrets
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.csrf import _FlaskFormCSRF
from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, HiddenField, ValidationError

from pets.language import lazy_gettext

EXPIRED = lazy_gettext(
    "This page was open for too long to be sent. Everything you typed is still here: send it again."
)


class _Token(_FlaskFormCSRF):
    def validate_csrf_token(self, form: Form, field: Field) -> None:
        try:
            super().validate_csrf_token(form, field)
        except ValidationError as problem:
            raise ValidationError(str(EXPIRED)) from problem


class PetsForm(FlaskForm):
    """What every form of ours has: a token whose refusal says what to do, and comes with a new one."""

    class Meta(FlaskForm.Meta):
        csrf_class = _Token

    def __init__(self, typed: MultiDict[str, str] | None = None, **about: Any) -> None:
        """`typed`: what was typed before, else what the request sent; `about`: as WTForms takes it."""
        super().__init__(*([typed] if typed else []), **about)


def refuse(problem: str | None) -> None:
    """Let the check of a control fail, where there is a problem."""
    if problem:
        raise ValidationError(problem)


class OneTimeForm(PetsForm):
    """A form with a one-time token, by which a second sending of it is known."""

    form_token = HiddenField(default=lambda: secrets.token_urlsafe(16))

    def renew(self) -> None:
        """Take a new token: from now on it is another form."""
        self.form_token.data = secrets.token_urlsafe(16)

    @property
    def token(self) -> str | None:
        """The form's own token; None for one that we did not make."""
        token = self.form_token.data or ""
        return token if re.fullmatch("[A-Za-z0-9_-]{16,64}", token) else None
