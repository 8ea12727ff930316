"""What is told of a save that was just made, in plain words: what it undid, or that it is saved."""

from textwrap import shorten

from pets import clock
from pets.changes.changeset import Change, Changeset
from pets.changes.summary import Summary, summaries
from pets.db import db
from pets.fields import FIELDS
from pets.language import gettext as _, ngettext
from pets.web.blueprint import notify
from pets.web.jobs import Outcome
from pets.web.sentences import is_merge

LONG = 60  # characters of a fact that is told in a sentence
FEW = 4  # fields that are named in one


def saved_words(changeset: Changeset) -> str:
    """What was saved: an undo is told as such."""
    told = summaries([changeset])[changeset.id]
    if changeset.undoes_id:
        said = _("Redone: %(what)s") if changeset.is_redo else _("Undone: %(what)s")
        return said % {"what": _again(changeset, told)}
    if is_merge(told):
        return _("Merged: %(pets)s", pets=_merged(told))
    return ngettext("One change is saved.", "%(num)s changes are saved.", changeset.size)


def tell_saved(text: str, since: list[Change], waits: str) -> None:
    """Say what was saved, what others changed since, which was kept, and what waits in the draft."""
    saved = Changeset.just_saved()
    words = [
        text if saved else _("Nothing was changed."),
        *(_since(change) for change in since[-3:]),
        waits,
    ]
    notify(" ".join(filter(None, words)), saved)


def _since(change: Change) -> str:
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


def told_as_saved(saved: Changeset, path: str | None) -> Outcome:
    """What to tell of a changeset that is saved, on this page or its own; an undo is offered to be redone."""
    return Outcome(saved_words(saved), saved.id, "undone" if saved.is_undo else "done", path or None)


def about_to_be_saved(path: str | None) -> Outcome | None:
    """The same of what the session is about to commit; None where that is nothing."""
    saving = Changeset.being_saved()
    return told_as_saved(saving, path) if saving else None


def already_undone(number: int, only: int | None, path: str) -> Outcome:
    """What to tell where there is nothing left to undo of a changeset, or of one change of it."""
    change = db.session.get(Change, only) if only else None
    undo = Changeset.last_undo(number, change.pet_id if change else None)
    if undo is None:
        text = _("There is nothing to undo: everything is already as it was before this change.")
        return Outcome(text, kind="note", path=path)
    said = _("Already redone: %(what)s") if undo.is_redo else _("Already undone: %(what)s")
    text = said % {"what": _again(undo, summaries([undo])[undo.id])}
    return Outcome(text, undo.id, "undone" if undo.is_undo else "done", path)


def _again(changeset: Changeset, told: Summary) -> str:
    """How things are again after an undo, or after the undo of one."""
    if is_merge(told):
        return _("the merge of %(pets)s", pets=_merged(told))
    if len(told.changes) != 1:
        return ngettext("%(num)s change", "%(num)s changes", changeset.size)
    change = told.changes[0]
    if change.kind == "changed":
        return _facts_again(change)
    back, gone = _("%(pet)s is back on the register"), _("%(pet)s is no longer on the register")
    return (back if change.kind == "added" else gone) % {"pet": change.pet_name}


def _merged(told: Summary) -> str:
    merge = told.merges[0]
    one, other = (
        {"one": merge.pet_name, "first": merge.pet_id},
        {"other": merge.merged_name, "second": merge.merged_id},
    )
    return _("%(one)s (number %(first)s) into %(other)s (number %(second)s)", **one, **other)


def _facts_again(change: Change) -> str:
    pet, fields = change.pet_name, [field for field, _before, _after in change.differences]
    if len(fields) > FEW:
        return ngettext("%(num)s fact of %(pet)s", "%(num)s facts of %(pet)s", len(fields), pet=pet)
    before, after = (facts[fields[0]] for facts in (change.before or {}, change.after or {}))
    told = FIELDS[fields[0]]
    if len(fields) == 1 and not told.of_files:
        field, was, fact = told.difference(before, after, clock.today())
        if not fact:
            return _("%(pet)s has no %(field)s again", pet=pet, field=field)
        if len(fact) <= LONG and "\n" not in fact:
            return str(told.again) % {"pet": pet, "was": was, "field": field, "fact": fact}
    named = ", ".join(str(FIELDS[field].what) for field in fields)
    return _("the change to the %(fields)s of %(pet)s", fields=named, pet=pet)
