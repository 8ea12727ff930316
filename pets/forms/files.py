"""The form that sends pictures and documents of a pet."""

from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import HiddenField

from pets.files.refused import RefusedFile
from pets.forms.base import PetsForm
from pets.models.file import File

CHOOSE = "Choose a picture or a document, or take a photo."


class PhotosForm(PetsForm):
    """Pictures of many pets."""

    files = MultipleFileField("Choose pictures")

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether anything was sent at all."""
        well_formed: bool = super().validate(extra_validators)
        if not any(self.files.data or ()):
            self.files.errors = [CHOOSE]
        return well_formed and not self.errors


class FilesForm(PhotosForm):
    """Pictures and documents of one pet."""

    version = HiddenField()
    files = MultipleFileField("Choose files, or take a photo")

    def read(self) -> list[File]:
        """The files that can be kept; of the others the errors tell, by their names."""
        files = []
        for sent in filter(None, self.files.data):
            try:
                files.append(File.made(sent.read()))
            except RefusedFile as problem:
                self.files.errors = [*self.files.errors, f"“{(sent.filename or '')[:100]}”: {problem}"]
        return files
