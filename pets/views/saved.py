"""What is told when a pet was saved: also what others changed in the meantime."""

from textwrap import shorten

from pets.changes.changeset import Change, Changeset
from pets.fields import FIELDS
from pets.language import gettext as _
from pets.web.blueprint import notify


def tell_saved(text: str, meanwhile: list[Change], waits: str) -> None:
    """Say what was saved, what others changed meanwhile, which was kept, and what waits in the draft."""
    saved = Changeset.just_saved()
    words = [
        text if saved else _("Nothing was changed."),
        *(_told(change) for change in meanwhile[-3:]),
        waits,
    ]
    notify(" ".join(filter(None, words)), saved)


def _told(change: Change) -> str:
    """What somebody else did, in few words: they travel in the cookie, which holds 4 KB."""
    who = change.changeset.who
    if change.kind == "removed":
        return _("In the meantime %(who)s removed it.", who=who)
    if change.kind == "added":
        return _("In the meantime %(who)s brought it back.", who=who)
    facts = [
        _("%(field)s to “%(fact)s”", field=FIELDS[name].what, fact=shorten(FIELDS[name].said(after), 60))
        for name, _before, after in change.differences
    ]
    return _("In the meantime %(who)s changed it: %(facts)s.", who=who, facts=", ".join(facts))
