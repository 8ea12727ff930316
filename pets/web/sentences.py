"""Changes in sentences, with links: who did what, or undid what."""

from collections.abc import Mapping

from markupsafe import Markup, escape

from pets.changes.changeset import COMMAND_LINE, SOMEONE, Change, Changeset
from pets.changes.history import Told
from pets.changes.summary import Summary
from pets.language import gettext as _, lazy_gettext, ngettext
from pets.web.filters import path_to

PEOPLE = {SOMEONE: lazy_gettext("someone"), COMMAND_LINE: lazy_gettext("command line")}
DEEDS = {
    "added": lazy_gettext("added %(pets)s"),
    "changed": lazy_gettext("changed %(pets)s"),
    "removed": lazy_gettext("removed %(pets)s"),
}
KIND_WORDS = {  # by what the history is filtered
    "added": lazy_gettext("Added"),
    "changed": lazy_gettext("Changed"),
    "removed": lazy_gettext("Removed"),
    "merged": lazy_gettext("Merged"),
    "undone": lazy_gettext("Undone"),
}
OPPOSITE = {"added": "removed", "changed": "changed", "removed": "added"}


def person(who: str, begins: bool = False) -> str:
    """Who did something, as it is said or `begins` a sentence; it may be nobody who had to say their name."""
    said = str(PEOPLE.get(who, who))
    return said[:1].upper() + said[1:] if begins and who in PEOPLE else said


# On pages, with links. `here` is the number of the pet whose page it is, which need not lead to itself.


def pet_link(number: int | None, name: str | None, here: int | None = None) -> Markup:
    """A pet's name, leading to its page."""
    if number == here:
        return Markup("<bdi>{}</bdi>").format(name or "")
    return Markup('<a href="{}"><bdi>{}</bdi></a>').format(path_to("pets.show_pet", number), name or "")


def filled(text: str, values: Mapping[str, object]) -> Markup:
    """A text of ours with these in it, escaped unless they are markup."""
    return Markup(text) % values  # noqa: S704


def sentence(changeset: Changeset, told: Summary | Told, here: int | None = None) -> Markup:
    """One changeset in a sentence: who did what, or undid what."""
    who = Markup("<b><bdi>{}</bdi></b>").format(person(changeset.who, begins=True))
    if not changeset.undoes_id:
        return filled(_("%(who)s %(deeds)s"), {"who": who, "deeds": _deeds(changeset, told, here)})
    origin = path_to("pets.show_changeset", changeset.origin_id)
    what = Markup('<a href="{}">{}</a>').format(origin, _undone_noun(changeset, told))
    said = _("%(who)s redid %(what)s") if changeset.is_redo else _("%(who)s undid %(what)s")
    return filled(said, {"who": who, "what": what})


def deed(change: Change, here: int | None = None) -> Markup:
    """What a change did: "added Rex", "merged Rex (number 7) into Rex (number 3)"."""
    if not change.merged_id:
        return filled(DEEDS[change.kind], {"pets": pet_link(change.pet_id, change.pet_name, here)})
    one = _numbered(change.pet_id, change.pet_name, here)
    other = _numbered(change.merged_id, change.merged_name, here)
    said = (
        _("merged %(one)s into %(other)s") if change.after is None else _("separated %(one)s from %(other)s")
    )
    return filled(said, {"one": one, "other": other})


def begun(words: Markup) -> Markup:
    """Words as a sentence begins: with a capital letter, unless with a link."""
    return words[:1].upper() + words[1:]


def _numbered(number: int | None, name: str | None, here: int | None) -> Markup:
    return filled(_("%(pet)s (number %(number)s)"), {"pet": pet_link(number, name, here), "number": number})


def _deeds(changeset: Changeset, told: Summary | Told, here: int | None) -> Markup:
    said = [deed(merge, here) for merge in told.merges]
    if told.changes:
        return Markup(", ").join([*said, *(deed(change, here) for change in _beside_merges(told))])
    counts = {kind: getattr(changeset, kind) for kind in DEEDS}
    for merge in told.merges:
        counts[merge.kind] -= 1
    if changeset.merged and not said:
        said.append(escape(ngettext("merged %(num)s pair", "merged %(num)s pairs", changeset.merged)))
    pets = {kind: ngettext("%(num)s pet", "%(num)s pets", count) for kind, count in counts.items() if count}
    return Markup(", ").join([*said, *(filled(DEEDS[kind], {"pets": some}) for kind, some in pets.items())])


def _beside_merges(told: Summary | Told) -> list[Change]:
    """The changes of a small changeset, but for merges and what these did to the pets that stayed."""
    stays = {merge.merged_id for merge in told.merges}
    return [change for change in told.changes if not change.merged_id and change.pet_id not in stays]


def is_merge(told: Summary | Told) -> bool:
    """Whether it is one merge and nothing else."""
    return len(told.merges) == 1 and bool(told.changes) and not _beside_merges(told)


def _undone_noun(changeset: Changeset, told: Summary | Told) -> Markup | str:
    """What an undo took back, or a redo made again: "a change to Max", "removing Max", "12 changes"."""
    if is_merge(told):
        merge = told.merges[0]
        one = _numbered(merge.pet_id, merge.pet_name, merge.pet_id)
        other = _numbered(merge.merged_id, merge.merged_name, merge.merged_id)
        return filled(_("merging %(one)s into %(other)s"), {"one": one, "other": other})
    if len(told.changes) != 1:
        return ngettext("%(num)s change", "%(num)s changes", changeset.size)
    change = told.changes[0]
    kind = change.kind if changeset.is_redo else OPPOSITE[change.kind]
    said = {
        "added": _("adding %(pet)s"),
        "changed": _("a change to %(pet)s"),
        "removed": _("removing %(pet)s"),
    }
    return filled(said[kind], {"pet": pet_link(change.pet_id, change.pet_name, change.pet_id)})


GLOBALS = {"begun": begun, "deed": deed, "person": person, "pet_link": pet_link, "sentence": sentence}
