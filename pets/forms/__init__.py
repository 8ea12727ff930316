"""The forms: labels, words and what was typed. The rules are asked from the nouns."""

from pets.forms.accounts import AccountForm as AccountForm
from pets.forms.accounts import ConfirmForm as ConfirmForm
from pets.forms.accounts import NewAccountForm as NewAccountForm
from pets.forms.accounts import PasswordForm as PasswordForm
from pets.forms.accounts import SignInForm as SignInForm
from pets.forms.bulk import BulkForm as BulkForm
from pets.forms.imports import ColumnsForm as ColumnsForm
from pets.forms.imports import UploadForm as UploadForm
from pets.forms.litter import LitterForm as LitterForm
from pets.forms.pet import PetForm as PetForm
from pets.forms.types import TypesForm as TypesForm
