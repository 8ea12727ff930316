"""Pictures and documents: written once, known by what is in them, never changed."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import LargeBinary, select
from sqlalchemy.orm import Mapped, mapped_column

from pets import clock
from pets.db import Base, UTCDateTime, Words, db
from pets.fields.pictures import PICTURE
from pets.files.document import PDF, check_document, is_document
from pets.files.picture import read_picture


class File(Base):
    """A picture or a document. Facts hold its digest alone, so that history and undo cost no copy."""

    __tablename__ = "file"

    digest: Mapped[str] = mapped_column(Words, primary_key=True)  # SHA-256, in 64 hexadecimal digits
    kind: Mapped[str] = mapped_column(Words)  # its content type
    size: Mapped[int]  # bytes
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    thumb: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)  # of a picture
    taken_at: Mapped[datetime] = mapped_column(UTCDateTime)  # the last time that somebody sent it
    in_history: Mapped[bool] = mapped_column(default=False)  # named by a change, and so kept for good

    @classmethod
    def made(cls, content: bytes) -> "File":
        """A file out of what somebody sent; not stored yet. Raises RefusedFile, with a sentence."""
        if is_document(content):
            check_document(content)
            kept, thumb, kind = content, None, PDF
        else:
            picture = read_picture(content)
            kept, thumb, kind = picture.large, picture.thumb, PICTURE
        return cls(
            digest=hashlib.sha256(kept).hexdigest(),
            kind=kind,
            size=len(kept),
            content=kept,
            thumb=thumb,
            taken_at=clock.now(),
            in_history=False,
        )

    @classmethod
    def sent(cls, digest: str, small: bool) -> tuple[str, bytes | None] | None:
        """Its content type and its bytes, or those of the small picture; None for no such file."""
        content = cls.thumb if small else cls.content
        found = db.session.execute(select(cls.kind, content).where(cls.digest == digest)).first()
        return None if found is None else (found[0], found[1])

    @classmethod
    def keep(cls, files: Iterable["File"]) -> None:
        """Store files. One that is there already was sent once more, and is new to the sweep."""
        for file in files:
            there = db.session.get(cls, file.digest)
            if there is None:
                db.session.add(file)
            else:
                there.taken_at = file.taken_at
            db.session.flush()
