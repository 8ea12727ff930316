"""The pages, one module for each thing they are about."""

from pets.blueprint import bp as bp
from pets.views import accounts as accounts
from pets.views import backups as backups
from pets.views import draft as draft
from pets.views import history as history
from pets.views import pets as pets
from pets.views import session as session
