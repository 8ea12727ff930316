"""The forms about people: signing in, passwords, accounts."""

from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, PasswordField, RadioField, StringField
from wtforms.fields.choices import SelectChoice

from pets.accounts.account import ROLES, Account
from pets.accounts.password import password_problem
from pets.fields.text import tidy_line
from pets.forms.base import PetsForm
from pets.language import CODES, lazy_gettext, names
from pets.language import gettext as _

CHOICES = [SelectChoice(role, label) for role, (called, label) in ROLES.items()]


class OnwardForm(PetsForm):
    """A form on the way to another page: where to go on, and the form that waits there."""

    next = HiddenField()
    kept = HiddenField()


class SignInForm(OnwardForm):
    """A name and a password."""

    name = StringField(lazy_gettext("Name"))
    password = PasswordField(lazy_gettext("Password"))
    files = HiddenField()  # whether the form that waits had a file with it

    def validate_name(self, field: StringField) -> None:
        """Ask for a name before anything is looked up."""
        if not tidy_line(field.data or "") or "\0" in field.data:
            field.errors = [*field.errors, _("Enter your name, as it is on your account.")]

    def validate_password(self, field: PasswordField) -> None:
        """Ask for a password before anything is looked up."""
        if not field.data:
            field.errors = [*field.errors, _("Enter your password.")]

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether there is something to look up."""
        return super().validate(extra_validators) and not self.errors


class ConfirmForm(OnwardForm):
    """The password once more."""

    password = PasswordField(lazy_gettext("Your password"))


class NewAccountForm(PetsForm):
    """The first account: its name and a password of one's own."""

    name = StringField(lazy_gettext("Your name"))
    password = PasswordField(lazy_gettext("Password"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the account can be made."""
        well_formed = super().validate(extra_validators)
        name = tidy_line(self.name.data or "")
        _complain(self.name, Account.name_problem(name))
        _complain(self.password, password_problem(self.password.data or "", name))
        return well_formed and not self.errors


class PasswordForm(OnwardForm):
    """A new password, and the old one to prove who is asking."""

    old_password = PasswordField(lazy_gettext("Current password"))
    new_password = PasswordField(lazy_gettext("New password"))

    def __init__(self, name: str) -> None:
        """`name`: whose password it is, since it must not be the name."""
        self.whose = name
        super().__init__()

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the new password will do. Whether the old one is right is asked later: hashing is slow."""
        well_formed = super().validate(extra_validators)
        problem = password_problem(self.new_password.data or "", self.whose)
        if not problem and self.new_password.data == self.old_password.data:
            problem = _("This is your current password. Choose another one.")
        _complain(self.new_password, problem)
        return well_formed and not self.errors


class AccountForm(PetsForm):
    """An account as an admin keeps it: its name and role."""

    name = StringField(lazy_gettext("Name"))
    role = RadioField(lazy_gettext("Role"), choices=CHOICES, validate_choice=False)
    seen = HiddenField()

    def __init__(self, account: Account | None = None, typed: MultiDict[str, str] | None = None) -> None:
        """`account`: the one that is edited, None for a new one; `typed`: what was typed before."""
        self.account = account
        super().__init__(typed, obj=account)

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether the account can be kept like this."""
        well_formed = super().validate(extra_validators)
        name = tidy_line(self.name.data or "")
        problem = Account.name_problem(name)
        same = None if problem else Account.named(name)
        if same is not None and same is not self.account:
            problem = _("There is an account named %(name)s already. Choose another name.", name=same.name)
        _complain(self.name, problem)
        if self.role.data not in ROLES:
            _complain(self.role, _("Choose one of the roles."))
        return well_formed and not self.errors


class LanguageForm(PetsForm):
    """The language that one is spoken to in."""

    language = RadioField(lazy_gettext("Language"), choices=(), validate_choice=False)

    def __init__(self, chosen: str, typed: MultiDict[str, str] | None = None) -> None:
        """`chosen`: the code of the language so far, "" for the one that the browser asks for."""
        super().__init__(typed, data={"language": chosen})
        self.language.choices = [("", _("As my browser says")), *names().items()]

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether it is one of them."""
        well_formed = super().validate(extra_validators)
        if self.language.data not in ("", *CODES):
            _complain(self.language, _("Choose one of the languages."))
        return well_formed and not self.errors


def _complain(field: Any, problem: str | None) -> None:
    if problem:
        field.errors = [*field.errors, problem]
