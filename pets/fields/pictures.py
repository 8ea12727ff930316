"""A pet's face, and what else is kept of it in files: facts that name files by their digests."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, NamedTuple

from wtforms import Field as Control

from pets.fields.cell import Cell
from pets.fields.field import Become, Field
from pets.fields.reading import Reading, SheetRow
from pets.fields.text import tidy_line, unwritable
from pets.language import gettext, lazy_gettext

PICTURE = "image/webp"  # the content type of every picture that is kept
MOST = 50  # files of one pet, besides its face
LONGEST = 200  # characters of a caption
GONE = lazy_gettext("This file is not kept here. Choose it again.")
DIGEST = re.compile("[0-9a-f]{64}")


class Kept(NamedTuple):
    """One file of a pet."""

    digest: str
    kind: str  # its content type
    caption: str

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown on a page."""
        return self.kind.startswith("image/")


@dataclass(frozen=True, kw_only=True)
class _OfFiles(Field):
    """A field that has a page of its own, where files are sent; no form and no sheet asks for it."""

    shared: bool = False

    nothing: ClassVar[str | None] = ""
    of_files: ClassVar[bool] = True

    def write(self, fact: str | None) -> dict[str, Any]:
        """The digest, or the list of them."""
        return {self.name: fact or ""}

    def controls(self) -> dict[str, Control]:
        """None: see the page of a pet's pictures."""
        return {}

    def typed(self, fact: str | None) -> dict[str, Any]:
        """Nothing."""
        return {}

    def pictured(self, fact: str | None) -> list[Kept]:
        """The files, in their order."""
        raise NotImplementedError

    def difference(self, before: str | None, after: str | None, day: date) -> tuple[str, Any, Any]:
        """An edit: of the files, those that are not as they were, before and after; shown as pictures."""
        old, new = self.pictured(before), self.pictured(after)
        gone, come = ([one for one in these if one not in those] for these, those in ((old, new), (new, old)))
        return self.what, gone, come

    def asked(self, form: Any, was: str | None = None) -> str | None:
        """What it was."""
        return was or ""

    def bulk(self, form: Any) -> Become | None:
        """Nothing: no two pets look alike."""
        return None

    def parse(self, row: SheetRow) -> Reading | None:
        """Nothing: a sheet holds no files."""
        return None

    def exports(self, stored: Iterable[Sequence[Any]], today: date) -> Iterable[Sequence[Cell]]:
        """Nothing: a sheet holds no files."""
        return ()


@dataclass(frozen=True, kw_only=True)
class Photo(_OfFiles):
    """One picture, by which a pet is known at a glance. A fact is its digest."""

    kind: ClassVar[str] = "photo"

    def problem(self, fact: str | None) -> str | None:
        """Whether it can be no digest."""
        return str(GONE) if fact and not DIGEST.fullmatch(fact) else None

    def said(self, fact: str | None) -> str:
        """That there is one; pages show it."""
        return gettext("a photo") if fact else ""

    def pictured(self, fact: str | None) -> list[Kept]:
        """The picture."""
        return [Kept(fact, PICTURE, "")] if fact else []


@dataclass(frozen=True, kw_only=True)
class Files(_OfFiles):
    """Further pictures, and documents, each with a caption. A fact is a JSON list of them."""

    kind: ClassVar[str] = "files"
    merges: ClassVar[bool] = True

    def tidy(self, fact: str | None) -> str | None:
        """As it is written by `write_files`."""
        try:
            return write_files(read_files(fact))
        except ValueError:
            return fact

    def problem(self, fact: str | None) -> str | None:
        """Whether it is no list of files, or one that is too long."""
        try:
            files = read_files(fact)
        except ValueError:
            return str(GONE)
        if len(files) > MOST:
            return gettext("A pet can have %(count)s files. Remove some first.", count=MOST)
        for file in files:
            if unwritable(file.caption):
                return gettext("This caption holds a character that cannot be kept. Type it again.")
            if len(file.caption) > LONGEST:
                return gettext(
                    "This caption is %(length)s characters long. Shorten it to %(longest)s.",
                    length=len(file.caption),
                    longest=LONGEST,
                )
        return None

    def said(self, fact: str | None) -> str:
        """Their captions, or what they are."""
        return ", ".join(
            file.caption or (gettext("a picture") if file.is_picture else gettext("a document"))
            for file in read_files(fact)
        )

    def pictured(self, fact: str | None) -> list[Kept]:
        """All of them."""
        return read_files(fact)

    def merged(self, stays: str | None, goes: str | None) -> str | None:
        """Those of both pets."""
        there = read_files(stays)
        known = {file.digest for file in there}
        return write_files([*there, *(file for file in read_files(goes) if file.digest not in known)])

    def reconciled(self, before: str | None, after: str | None, now: str | None) -> str | None:
        """What was added, removed and captioned between two facts, done to a third; None where one caption
        was written by both."""
        was, will, there = ({file.digest: file for file in read_files(fact)} for fact in (before, after, now))
        for digest in was.keys() | will.keys():
            if was.get(digest) == will.get(digest):
                continue
            if there.get(digest) not in (was.get(digest), will.get(digest)):
                return None
            if digest in will:
                there[digest] = will[digest]
            else:
                there.pop(digest, None)
        return write_files(there.values())


def read_files(fact: str | None) -> list[Kept]:
    """The files that a fact names. Raises ValueError for what is no such fact."""
    listed = json.loads(fact) if fact else []
    if not isinstance(listed, list):
        raise ValueError("not a list")
    files = []
    for one in listed:
        if not isinstance(one, list) or len(one) != 3 or not all(isinstance(part, str) for part in one):
            raise ValueError("no file")
        if not DIGEST.fullmatch(one[0]):
            raise ValueError("no digest")
        files.append(Kept(*one))
    return files


def write_files(files: Iterable[Kept]) -> str:
    """Files as a fact: [[digest, content type, caption], …]."""
    listed = [[digest, kind, tidy_line(caption)] for digest, kind, caption in files]
    return json.dumps(listed, ensure_ascii=False, separators=(",", ":")) if listed else ""
