"""Own fields for the columns of a sheet that no field is of: what kind a column is, by its cells."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from pets import clock
from pets.accounts.audit_log import record
from pets.fields.cell import says_nothing
from pets.fields.dates import DateOrder
from pets.fields.one_control import CellFault, OneControl
from pets.fields.own import KINDS, TAKEN, own_field
from pets.fields.settings import CALLED, DEFAULTS, Settings
from pets.fields.text import fold, plain, tidy_line
from pets.imports.columns import Column
from pets.imports.mapping import ColumnMapping
from pets.imports.sheet_plan import SheetPlan
from pets.language import within_a_sentence
from pets.models.field import OwnField

_MOST_CHOICES = 15  # different words of a column that may be choices
_LABEL = 60  # characters
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z./-]{0,39}")
_CHIP = re.compile(r"[0-9](?:[ -]?[0-9]){8,14}")
_TIME_OF_DAY = re.compile(r"[T ](?!00?:00(?::00)?(?:\D|$))\d{1,2}:\d\d")
_FIGURE = re.compile(r"-?\d+(?:[.,]\d+)?")
_LEADING_ZERO = re.compile(r"0\d")


def kind_of(column: Column, order: DateOrder | None) -> Settings:
    """What is to be declared of a field that takes what a column holds; each cell seen so far fits it.

    order: of 1/5/2022, where decided.
    """
    base = {**DEFAULTS, "label": _label(column)}
    row = SimpleNamespace(today=clock.today(), order=order, counts_from_1904=False)
    for settings in _candidates(column):
        kind = {**base, **settings}
        field = own_field(SimpleNamespace(**{"id": 0, "former": None, "retired_at": None, **kind}))
        told = column.notes.values if kind["choices"] else _telling(column)
        if told and all(_fits(field, value, row) for value in told):
            return kind
    long = any(len(value) > 90 or "\n" in value for value in column.notes.values)
    return {**base, "kind": "text" if long else "line"}


def _telling(column: Column) -> list[str]:
    """Its values but for words for nothing."""
    return [value for value in column.notes.values if not says_nothing(value)]


def housed(sheet: SheetPlan, who: str, address: str = "") -> ColumnMapping:
    """The plan that was agreed on, with an own field for each column that is to become one. Where words for
    nothing may be meant as they stand, they are kept. who: adds fields, and from which address."""
    plan = sheet.agreed
    columns, kept = {**(plan.columns or {})}, [*plan.kept_words]
    wanted = [sheet.columns.columns[index] for index in plan.fields]
    kinds = [kind_of(column, sheet.order) for column in wanted]
    for column, field, new in _add_fields(wanted, kinds):
        columns[f"own.{field.id}"] = column.index
        kept += [column.index] * (KINDS[field.kind].free or bool(field.choices))
        if new:
            record("field-added", who, field.label, address)
    return replace(plan, columns=columns, kept_words=kept, fields=())


def _add_fields(
    columns: Sequence[Column], kinds: Sequence[Settings]
) -> Iterator[tuple[Column, OwnField, bool]]:
    """An own field for each of these columns, and whether it is new: the one of that name where it is of that
    kind already, else a new one, under a name that no other has."""
    used: set[int] = set()
    for column, kind in zip(columns, kinds, strict=True):
        taken = plain(kind["label"]) in TAKEN
        field = None if taken else OwnField.labelled(kind["label"])
        new = field is None or field.id in used or field.kind != kind["kind"] or field.retired_at is not None
        if new:
            other = f"{kind['label'][: _LABEL - 5]} ({column.letter})"
            label = other if taken or field is not None else kind["label"]
            twin = OwnField.labelled(label)
            field, new = (twin, False) if twin else (OwnField.add({**kind, "label": label}), True)
        if field is not None:
            used.add(field.id)
            yield column, field, new


def called(kind: Settings) -> str:
    """What a kind is called, within a sentence."""
    return within_a_sentence(CALLED[kind["kind"]][0])


def _label(column: Column) -> str:
    return tidy_line(column.heading)[:_LABEL] or column.label[:1].upper() + column.label[1:]


def _candidates(column: Column) -> Iterator[dict[str, Any]]:
    """The kinds that a column may be of, the most telling first."""
    notes, values = column.notes, _telling(column)
    if not values:
        return
    apart, alone = notes.tells_rows_apart, notes.all_differ
    if apart and all(map(_CHIP.fullmatch, values)):
        yield {"kind": "code", "digits": True, "unique_code": alone}
    named = re.search(r"\b(?:id|no|nr|number|code|tag|chip|ref)\b|(?:id|code)$", fold(column.heading))
    codes = all(_CODE.fullmatch(value) and re.search("[0-9]", value) for value in values)
    if apart and codes and named:
        yield {"kind": "code", "digits": False, "unique_code": alone}
    if not any(map(_TIME_OF_DAY.search, values)):
        yield {"kind": "day"}
    if apart and codes and not all(map(_FIGURE.fullmatch, values)):
        yield {"kind": "code", "digits": False, "unique_code": alone}
    if len(values) > 1 or not values[0].isdecimal():
        yield {"kind": "yes_no"}
    if not any(map(_LEADING_ZERO.match, values)):
        yield {"kind": "number"}
    words = list({fold(value): value for value in reversed(notes.values)}.values())[::-1]
    if notes.distinct <= _MOST_CHOICES and notes.filled >= notes.distinct * 3 and max(map(len, words)) <= 40:
        yield {"kind": "choice", "choices": words}


def _fits(field: OneControl, value: str, row: Any) -> bool:
    """Whether a cell can be read by a field, and means what it says."""
    try:
        fact = field.told_by(value, row)
    except CellFault:
        return False
    return fact is not None and not (field.problem(fact) or field.objection(fact))
