"""A form that is sent again: led to what it made, or asked about where it says something else by now."""

from typing import NamedTuple

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pets.changes.form_token import FormToken, digest_of
from pets.forms.base import OneTimeForm
from pets.language import gettext as _
from pets.web.blueprint import notify


class Sent(NamedTuple):
    """What a form made when it was sent before: in words, where to see it, and the action that changes it."""

    words: str
    href: str
    name: str | None  # of the one pet that it added
    change: str  # where its form can be sent to change that pet or its line instead; "" where it cannot
    same: bool  # whether it says now what it said then, and what it made is there

    def lead_back(self) -> ResponseReturnValue | None:
        """Go to what the form made, and say so; None where a person has to be asked."""
        if not self.same:
            return None
        notify(self.words, kind="note")
        return redirect(self.href, 303)


def said_by_form() -> str:
    """What the form that was sent says, as a digest."""
    return digest_of(request.form.lists())


def sent_before(form: OneTimeForm) -> Sent | None:
    """What this very form made when it was sent before; None the first time.

    Where the answer is the page of the form, it has a new token: sent once more, it makes what it says.
    """
    before = FormToken.of(current_user.id, form.token)
    if before is None:
        return None
    same = before.digest == said_by_form()
    if not before.made_something and same:
        return None  # long work that is found if it is under way, and done if it failed
    sent = _told(before)
    sent = sent._replace(same=same and bool(sent.href))
    if not sent.same:
        form.renew()
    return sent


def _told(before: FormToken) -> Sent:
    pet, line, saved = before.pet(), before.line(), before.saved()
    if pet is not None:
        words = _("This form has been sent: it added “%(name)s”.", name=before.name)
        change = url_for(".edit_pet", pet_id=pet)
        return Sent(words, url_for(".show_pet", pet_id=pet), before.name, change, False)
    if line is not None:
        words = _("This form has been sent: what it said is in your draft.")
        change = url_for(".edit_line", line_id=line) if before.name else ""
        return Sent(words, url_for(".show_draft"), before.name, change, False)
    if saved is not None:
        words = _("This form has been sent, and what it said was saved with your draft.")
        return Sent(words, url_for(".show_changeset", changeset_id=saved), None, "", False)
    words = _("This form has been sent. What it said is no longer in your draft.")
    if not before.made_something:
        words = _("This form has been sent, and what it said may still be on its way to your draft.")
    return Sent(words, "", None, "", False)
