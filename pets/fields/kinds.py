"""The kinds of field that an admin can choose from."""

from pets.fields.choice import Choice, YesNo
from pets.fields.code import Code
from pets.fields.day import Day
from pets.fields.field import Field
from pets.fields.line import Line, Text
from pets.fields.number import Number
from pets.fields.pet_link import PetLink

KINDS: dict[str, type[Field]] = {
    kind.kind: kind for kind in (Line, Text, Choice, YesNo, Number, Day, Code, PetLink)
}
