"""Finding: what a list's address asks for, and one page of the answer."""

from pets.search.duplicates import look_further as look_further
from pets.search.history import HistorySearch as HistorySearch
from pets.search.pages import BadSearch as BadSearch
from pets.search.pets import PetSearch as PetSearch
from pets.search.types import pets_of as pets_of
from pets.search.types import types_page as types_page
