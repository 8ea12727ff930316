"""Fields that are one of a few words: a choice, and yes or no."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

from wtforms import Field as Control
from wtforms.fields.choices import SelectChoice

from pets.fields.cell import Cell, shown
from pets.fields.controls import OneOf
from pets.fields.field import Become
from pets.fields.one_control import CellFault, OneControl
from pets.fields.reading import SheetRow
from pets.fields.text import fold, tidy_line, unwritable
from pets.language import gettext, lazy_gettext as _

LONGEST = 100  # characters of a choice
CLEAR = " clear"  # where many are changed; no choice begins with a space
# Folded. English first, then what the spreadsheets of others say: "s" is sí to some, but no to nobody.
_YES = set("yes,y,true,t,1,x,✓,✔,☑,ja,j,oui,o,si,s,sim,tak,ano,wahr,vrai".split(","))
_NO = set("no,n,false,f,0,☐,nein,non,nee,nao,nie,ne,falsch,faux".split(","))


@dataclass(frozen=True, kw_only=True)
class Choice(OneControl):
    """One of the words that an admin offers. A fact is that word."""

    choices: tuple[str, ...]
    former: tuple[tuple[str, str], ...] = ()  # words that were renamed, with what they are called now

    kind: ClassVar[str] = "choice"
    declares: ClassVar[tuple[str, ...]] = ("choices",)

    @classmethod
    def settings(cls, row: Any) -> dict[str, Any]:
        """What may be chosen."""
        former = tuple((row.former or {}).items())
        return {"choices": tuple(row.choices or ()), "former": former, "searched": True}

    @property
    def offered(self) -> dict[str, str]:
        """What may be chosen: fact → its words."""
        return dict(zip(self.choices, self.choices, strict=True))

    def tidy(self, fact: str | None) -> str | None:
        """The word, each run of white space one space."""
        return tidy_line(fact or "")

    def taken(self, text: str) -> str | None:
        """The word as it is offered, whatever its case and accents."""
        fact = self.tidy(text)
        key = fold(fact or "")
        return next((one for one in self.choices if fold(one) == key), fact)

    def wrong(self, fact: str) -> str | None:
        """No word is kept that no page can show."""
        if unwritable(fact) or len(fact) > LONGEST:
            return self._must_be_one()
        return None

    def objection(self, fact: str | None) -> str | None:
        """It is neither offered, nor what a choice was called before."""
        known = not fact or fact in self.choices or fact in dict(self.former)
        return None if known else self._must_be_one()

    def _must_be_one(self) -> str:
        words = list(self.offered.values())
        if not words:
            return gettext("%(label)s must be left empty.", label=self.label)
        if len(words) == 1:
            return gettext("%(label)s must be %(word)s.", label=self.label, word=words[0])
        if len(words) > 12:
            return gettext(
                "%(label)s must be one of its %(count)s choices, such as %(one)s or %(other)s.",
                label=self.label,
                count=len(words),
                one=words[0],
                other=words[1],
            )
        words_before = ", ".join(words[:-1])
        return gettext(
            "%(label)s must be %(words)s or %(last)s.", label=self.label, words=words_before, last=words[-1]
        )

    def key_of(self, fact: str | None) -> str | None:
        """The word as it is folded."""
        return fold(fact) if fact else None

    # Forms

    def controls(self) -> dict[str, Control]:
        """The words to choose from, and none."""
        return {self.name: self._select(_("Choose one") if self.missing or self.required else _("Not known"))}

    @property
    def clear(self) -> str:
        """No box: it is one of the words to choose from."""
        return ""

    def bulk_controls(self) -> dict[str, Control]:
        """The words to choose from, no change, and to clear it."""
        more = {} if self.missing or self.required else {CLEAR: _("Clear it")}
        return {self.name: self._select(_("No change"), more)}

    def bulk(self, form: Any) -> Become | None:
        """The same for all, or nothing for all."""
        if form[self.name].data == CLEAR and not (self.missing or self.required):
            return lambda _: self.nothing
        return super().bulk(form)

    def _select(self, none: str, more: Mapping[str, str] = MappingProxyType({})) -> Control:
        choices = {"": none, **self.offered, **more}
        listed = [SelectChoice(fact, str(words)) for fact, words in choices.items()]
        return OneOf(str(self.label), choices=listed, validate_choice=False)

    # Sheets

    def told_by(self, cell: Cell, row: SheetRow) -> str | None:
        """The word, or the only one that begins with the letter that stands for it: "F" is female."""
        fact = self.taken(shown(cell))
        if fact and len(fact) == 1 and fact not in self.choices:
            begun = [one for one in self.choices if fold(one).startswith(fold(fact))]
            return begun[0] if len(begun) == 1 else fact
        called = (now for was, now in self.former if fold(was) == fold(fact or ""))
        return fact if fact in self.choices else next(called, fact)


@dataclass(frozen=True, kw_only=True)
class YesNo(Choice):
    """Yes or no. A fact is "yes" or "no"."""

    choices: tuple[str, ...] = ("yes", "no")

    kind: ClassVar[str] = "yes_no"
    declares: ClassVar[tuple[str, ...]] = ()
    plain: ClassVar[bool] = False
    differs: ClassVar[bool] = False

    @classmethod
    def settings(cls, row: Any) -> dict[str, Any]:
        """None."""
        return {}

    @property
    def offered(self) -> dict[str, str]:
        """Yes and no."""
        return {"yes": gettext("Yes"), "no": gettext("No")}

    def taken(self, text: str) -> str | None:
        """Yes or no, in any of the words that people write."""
        word = fold(tidy_line(text).strip(" ."))
        return "yes" if word in _YES else "no" if word in _NO else self.tidy(text)

    def wrong(self, fact: str) -> str | None:
        """It is neither."""
        return None if fact in self.choices else gettext("%(label)s must be yes or no.", label=self.label)

    def objection(self, fact: str | None) -> str | None:
        """None: what it can be does not change."""
        return None

    def told_by(self, cell: Cell, row: SheetRow) -> str | None:
        """Yes or no. Raises CellFault."""
        fact = self.taken(shown(cell))
        if fact not in self.choices:
            text = shown(cell).strip()[:60]
            raise CellFault(gettext("“%(text)s” is neither yes nor no. Enter yes or no.", text=text))
        return fact

    def cell(self, fact: str | None) -> Cell:
        """True or False."""
        return fact == "yes" if fact else None

    def said(self, fact: str | None) -> str:
        """Yes or no."""
        if fact not in self.choices:
            return fact or ""
        return gettext("yes") if fact == "yes" else gettext("no")
