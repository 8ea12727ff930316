"""Finding: what a list's address asks for, and one page of the answer."""

from pets.search.history import HistorySearch as HistorySearch
from pets.search.pages import BadSearch as BadSearch
from pets.search.pets import PetSearch as PetSearch
