"""The forms about backups."""

from flask_wtf.file import FileField, FileRequired
from wtforms import PasswordField
from wtforms.validators import InputRequired

from pets.forms.base import PetsForm


class UploadBackupForm(PetsForm):
    """A backup from elsewhere."""

    file = FileField("Backup from another place", [FileRequired("Choose the file of a backup.")])


class RestoreForm(PetsForm):
    """The password once more."""

    password = PasswordField("Your password", [InputRequired("Enter your password.")])
