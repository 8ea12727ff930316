"""The commands: flask --app app pets …"""

from pets.cli import accounts, register, sheets
from pets.cli.group import pets

__all__ = ["accounts", "pets", "register", "sheets"]
