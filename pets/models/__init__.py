"""The nouns of Pets, and its glossary.

pet        an animal on the register
facts      a pet as plain data: what a form, a sheet and a change speak
change     one pet's facts before and after: no before adds it, no after removes it, both edit it
changeset  the changes one person saves together; a draft until saved, history after
story      one pet's saved changes, oldest first
clash      a fact that a change would set although somebody changed it since
draft      an account's open changeset; at most one; kept on the server
sheet      a CSV or XLSX file coming in or going out
import     a sheet on its way in; its rows wait until a person has said what they mean
account    a person who signs in; role viewer < editor < admin
"""

from pets.models import door as door
from pets.models.account import Account as Account
from pets.models.account import SetupLink as SetupLink
from pets.models.account import SignIn as SignIn
from pets.models.change import Change as Change
from pets.models.change import Standing as Standing
from pets.models.changeset import Changeset as Changeset
from pets.models.draft import Draft as Draft
from pets.models.form_token import FormToken as FormToken
from pets.models.imports import Import as Import
from pets.models.imports import ImportRow as ImportRow
from pets.models.kept import KeptForm as KeptForm
from pets.models.line import DraftLine as DraftLine
from pets.models.line import Staged as Staged
from pets.models.merge import Choices as Choices
from pets.models.merge import Clash as Clash
from pets.models.merge import Clashes as Clashes
from pets.models.pet import SAMPLES as SAMPLES
from pets.models.pet import InvalidPet as InvalidPet
from pets.models.pet import Pet as Pet
from pets.models.progress import Progress as Progress
from pets.models.security import SecurityEvent as SecurityEvent
from pets.models.throttle import Throttle as Throttle
from pets.models.type import PetType as PetType
