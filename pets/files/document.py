"""Documents as they are kept: as they came, but for what they are called."""

from pets.files.refused import RefusedFile
from pets.language import gettext as _

LARGEST = 10_000_000  # bytes
PDF = "application/pdf"


def is_document(content: bytes) -> bool:
    """Whether a file says that it is a PDF: like readers of PDF, in its first 1,024 bytes."""
    return b"%PDF-" in content[:1024]


def check_document(content: bytes) -> None:
    """Raises RefusedFile, with a sentence, for a document that cannot be kept."""
    if len(content) > LARGEST:
        raise RefusedFile(
            _("This document has %(size)s MB. Choose one of at most 10 MB.", size=round(len(content) / 1e6))
        )
    if b"%%EOF" not in content[-1024:]:
        raise RefusedFile(_("This document is not complete. Choose it again, or ask for it once more."))
