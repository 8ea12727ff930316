"""What can be done to a pet's face and its further files: facts in, facts out."""

from collections.abc import Iterable
from typing import NamedTuple

from pets.fields.field import Facts, Known, first_fact
from pets.fields.pictures import PICTURE, Kept, read_files, write_files


class Album(NamedTuple):
    """A pet's face ("" for none), and its further files."""

    face: str
    files: tuple[Kept, ...]

    @classmethod
    def of(cls, facts: Known) -> "Album":
        """The album that facts tell of."""
        return cls(first_fact("photo", facts), tuple(read_files(facts.get("files"))))

    @property
    def facts(self) -> Facts:
        """The album as facts."""
        return {"photo": self.face, "files": write_files(self.files)}

    def __bool__(self) -> bool:
        return bool(self.face or self.files)

    @property
    def digests(self) -> set[str]:
        """Those of all files in it."""
        return {file.digest for file in self.files} | {self.face} - {""}

    def has(self, digest: str) -> bool:
        """Whether a file is in it."""
        return digest in self.digests

    def added(self, files: Iterable[Kept]) -> "Album":
        """With further files. The first picture becomes the face of a pet that has none."""
        album = self
        for file in files:
            if not album.face and file.is_picture:
                album = album._replace(face=file.digest)
            elif not album.has(file.digest):
                album = album._replace(files=(*album.files, file))
        return album

    def faced(self, digest: str) -> "Album":
        """With another of its pictures as its face; the one so far becomes the first of the others."""
        before = (Kept(self.face, PICTURE, ""),) if self.face else ()
        return Album(digest, (*before, *self.without(digest).files))

    def without(self, digest: str) -> "Album":
        """Without a file."""
        files = tuple(file for file in self.files if file.digest != digest)
        return Album("" if digest == self.face else self.face, files)

    def captioned(self, digest: str, caption: str) -> "Album":
        """With another caption of a file."""
        files = (file._replace(caption=caption) if file.digest == digest else file for file in self.files)
        return self._replace(files=tuple(files))
