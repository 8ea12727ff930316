"""The forms about backups."""

from flask_wtf.file import FileField, FileRequired
from wtforms import PasswordField
from wtforms.validators import InputRequired

from pets.forms.base import PetsForm
from pets.language import lazy_gettext


class UploadBackupForm(PetsForm):
    """A backup from elsewhere."""

    file = FileField(
        lazy_gettext("Backup from another place"),
        [FileRequired(lazy_gettext("Choose the file of a backup."))],
    )


class RestoreForm(PetsForm):
    """The password once more."""

    password = PasswordField(
        lazy_gettext("Your password"), [InputRequired(lazy_gettext("Enter your password."))]
    )
