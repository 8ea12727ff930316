"""The forms about people: signing in, passwords, accounts."""

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, PasswordField, RadioField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf

from pets.accounts.account import ROLES, Account
from pets.accounts.password import password_problem
from pets.fields.text import tidy_line
from pets.forms.base import PetsForm, refuse
from pets.language import CODES, gettext as _, lazy_gettext, names

CHOICES = [SelectChoice(role, label) for role, (called, label) in ROLES.items()]


class OnwardForm(PetsForm):
    """A form on the way to another page: where to go on, and the form that waits there."""

    next = HiddenField()
    kept = HiddenField()

    def __init__(self, asked: Mapping[str, str]) -> None:
        """`asked`: what the address says of the way."""
        super().__init__(data={name: asked.get(name, "") for name in ("next", "kept", "files")})


class SignInForm(OnwardForm):
    """A name and a password."""

    name = StringField(lazy_gettext("Name"))
    password = PasswordField(lazy_gettext("Password"))
    files = HiddenField()  # whether the form that waits had a file with it

    def validate_name(self, field: StringField) -> None:
        """Ask for a name before anything is looked up."""
        if not tidy_line(field.data or "") or "\0" in field.data:
            raise ValidationError(_("Enter your name, as it is on your account."))

    def validate_password(self, field: PasswordField) -> None:
        """Ask for a password before anything is looked up."""
        if not field.data:
            raise ValidationError(_("Enter your password."))


class ConfirmForm(OnwardForm):
    """The password once more."""

    password = PasswordField(lazy_gettext("Your password"))


class NewAccountForm(PetsForm):
    """The first account: its name and a password of one's own."""

    name = StringField(lazy_gettext("Your name"))
    password = PasswordField(lazy_gettext("Password"))

    def validate_name(self, field: StringField) -> None:
        """Whether an account can be called so."""
        refuse(Account.name_problem(tidy_line(field.data or "")))

    def validate_password(self, field: PasswordField) -> None:
        """Whether the password will do."""
        refuse(password_problem(field.data or "", tidy_line(self.name.data or "")))


class PasswordForm(OnwardForm):
    """A new password, and the old one to prove who is asking."""

    old_password = PasswordField(lazy_gettext("Current password"))
    new_password = PasswordField(lazy_gettext("New password"))

    def __init__(self, name: str, asked: Mapping[str, str]) -> None:
        """`name`: whose password it is, since it must not be the name; `asked`: see `OnwardForm`."""
        self.whose = name
        super().__init__(asked)

    def validate_new_password(self, field: PasswordField) -> None:
        """Whether the new password will do. Whether the old one is right is asked later: hashing is slow."""
        refuse(password_problem(field.data or "", self.whose))
        if field.data == self.old_password.data:
            raise ValidationError(_("This is your current password. Choose another one."))


class AccountForm(PetsForm):
    """An account as an admin keeps it: its name and role."""

    name = StringField(lazy_gettext("Name"))
    role = RadioField(
        lazy_gettext("Role"),
        [AnyOf(ROLES, lazy_gettext("Choose one of the roles."))],
        choices=CHOICES,
        validate_choice=False,
    )
    seen = HiddenField()

    def __init__(self, account: Account | None = None, typed: MultiDict[str, str] | None = None) -> None:
        """`account`: the one that is edited, None for a new one; `typed`: what was typed before."""
        self.account = account
        super().__init__(typed, obj=account)

    def validate_name(self, field: StringField) -> None:
        """Whether the account can be called so."""
        name = tidy_line(field.data or "")
        refuse(Account.name_problem(name))
        same = Account.named(name)
        if same is not None and same is not self.account:
            problem = _("There is an account named %(name)s already. Choose another name.", name=same.name)
            raise ValidationError(problem)


class LanguageForm(PetsForm):
    """The language that one is spoken to in."""

    language = RadioField(
        lazy_gettext("Language"),
        [AnyOf(("", *CODES), lazy_gettext("Choose one of the languages."))],
        choices=(),
        validate_choice=False,
    )

    def __init__(self, chosen: str, typed: MultiDict[str, str] | None = None) -> None:
        """`chosen`: the code of the language so far, "" for the one that the browser asks for."""
        super().__init__(typed, data={"language": chosen})
        self.language.choices = [("", _("As my browser says")), *names().items()]
