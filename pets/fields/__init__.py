"""What is kept of a pet, declared once. Every feature is a loop over the catalogue of fields.

One more fact about a pet is one more field here, and a migration with its columns; or an own field, which an
admin adds. Facts that were stored before a field existed lack it: that is the same as nothing.
Knows no database and no request.
"""

from collections.abc import Collection, Sequence
from datetime import date

from pets.fields.age import read_born
from pets.fields.born import Born
from pets.fields.catalogue import Catalogue, Current, catalogue, looked_up_by
from pets.fields.field import Facts, Field, Known
from pets.fields.filters import AgeFrom, AgeTo, Same
from pets.fields.heading_words import BORN, NAME, NOTES, TYPE
from pets.fields.line import Line, Text
from pets.fields.pictures import Files, Photo
from pets.fields.text import fold
from pets.language import lazy_gettext as _

TYPED: tuple[Field, ...] = (  # in forms and sheets
    Line(
        name="name",
        label=_("Name"),
        missing=_("Enter the pet’s name."),
        longest=100,
        headings=NAME,
        exported={"name": 24},
        own="name",
        shared=False,
        searched=True,
        key="name_key",
        sort="name",
        again=_("%(was)s is called %(fact)s again"),
        column=_("Name"),
    ),
    Line(
        name="type",
        label=_("Type"),
        hint=_("Such as cat or dog. The types in use are suggested."),
        missing=_("Enter what kind of animal it is, such as cat or dog."),
        longest=60,
        headings=TYPE,
        exported={"type": 18},
        suggests=True,
        searched=True,
        key="type_key",
        sort="type",
        again=_("%(pet)s is %(fact)s again"),
        then="name_key",
        column=_("Type"),
        filters=(Same(name="type", label=_("Type"), column="type_key"),),
    ),
    Born(
        name="born",
        label=_("Birth date"),
        headings=BORN,
        exported={"born": 12, "estimated": 10, "age": 6},
        blanks=(("estimated", False),),
        key="born_on",
        sort="age",
        column=_("Age"),
        filters=(
            AgeFrom(name="min_age", label=_("Age from"), column="born_on"),
            AgeTo(name="max_age", label=_("Age to"), column="born_on"),
        ),
    ),
    Text(
        name="notes",
        label=_("Notes"),
        longest=4_000,
        headings=NOTES,
        exported={"notes": 40},
        own="own",
        searched=True,
    ),
)
BUILT_IN = (
    *TYPED,
    Photo(name="photo", label=_("Photo"), key="photo", then="name_key"),
    Files(name="files", label=_("Pictures and documents")),
)
MARKED = ("type_key", "photo")  # the columns by which a pet is marked in any list
BY_BIRTH = ("type_key", "born_on")  # the columns by which the pets of a type are found in order of birth
# Without own fields, and what each register's catalogue begins with.
BUILT_IN_ALONE = Catalogue(BUILT_IN)
looked_up_by(lambda: BUILT_IN_ALONE)
FIELDS = Current()  # by name, of the catalogue that holds whenever it is asked


def brief(row: object, today: date) -> str:
    """What is said beside the name of a pet, or of a row that has the columns of the list: "dog, 2 years"."""
    beside = [field for field in BUILT_IN if field.column and field.name != "name"]
    return ", ".join(filter(None, (field.listed(field.read(row), today) for field in beside)))


def joined_facts(stays: Known, goes: Known) -> Facts:
    """Of two pets that become one, the facts of the fields that keep both; of the others one is chosen."""
    merging = [field for field in FIELDS.values() if field.merges]
    return {field.name: field.merged(stays[field.name], goes[field.name]) for field in merging}


def updated_facts(stays: Known, told: Known) -> Facts:
    """The facts of a pet once it is told all that another record says of the same animal: what that says
    replaces what stood there, but for another spelling, and for an estimate where the date is known."""
    facts = catalogue().whole(stays)
    for name, field in FIELDS.items():
        old, new = facts[name], told.get(name, field.nothing)
        vague = isinstance(field, Born) and old and new and read_born(new)[1]
        if field.merges:
            facts[name] = field.merged(old, new)
        elif new and not vague and _spelled(new) != _spelled(old or ""):
            facts[name] = new
    return facts


def _spelled(fact: str) -> str:
    return fold(fact).removesuffix("s")


def listed_fields(chosen: Collection[str] | None = None) -> Sequence[Field]:
    """The fields that the list has a column of: those that are `chosen`, by name, or else the usual ones."""
    if chosen is None:
        return catalogue().listed
    first, *others = catalogue().columns.values()  # what a pet is called leads to its page
    return [first, *(field for field in others if field.name in chosen)]
