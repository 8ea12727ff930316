"""The form that sends pictures and documents of a pet."""

import re

from flask_wtf.file import FileField, MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import ValidationError

from pets.fields.pictures import LONGEST, PICTURE
from pets.fields.text import tidy_line, writable
from pets.files.refused import RefusedFile
from pets.forms.base import PetsForm
from pets.language import gettext as _, lazy_gettext
from pets.models.file import File


class PhotosForm(PetsForm):
    """Pictures of many pets."""

    files = MultipleFileField(lazy_gettext("Choose pictures"))

    @property
    def sent(self) -> list[FileStorage]:
        """What was sent."""
        camera = self["camera"].data if "camera" in self else None
        return [one for one in (*(self.files.data or ()), camera) if one]

    def validate_files(self, field: MultipleFileField) -> None:
        """Whether anything was sent at all."""
        if not self.sent:
            raise ValidationError(_("Choose a picture or a document, or take a photo."))


class FilesForm(PhotosForm):
    """Pictures and documents of one pet."""

    files = MultipleFileField(lazy_gettext("Choose files"))
    camera = FileField(lazy_gettext("Or take a photo, on a phone"))

    def read(self) -> list[tuple[File, str]]:
        """What can be kept, each with its caption; of the other files the errors tell, by their names."""
        files = []
        for sent in self.sent:
            try:
                file = File.made(sent.read())
                files.append((file, "" if file.kind == PICTURE else _captioned(sent.filename or "")))
            except RefusedFile as problem:
                told = _("“%(file)s”: %(problem)s", file=(sent.filename or "")[:100], problem=problem)
                self.files.errors = [*self.files.errors, told]
        return files


def _captioned(filename: str) -> str:
    """What a document is called until it has a caption: as its file is, without the ending."""
    return tidy_line(writable(re.sub(r"\.pdf$", "", filename, flags=re.IGNORECASE)))[:LONGEST]
