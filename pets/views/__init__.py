"""The pages, one module for each thing they are about."""

from pets.blueprint import bp as bp
from pets.views import history as history
from pets.views import pets as pets
