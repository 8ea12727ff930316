"""The commands: flask --app app pets …"""

from pets.cli import accounts, health, register, sheets
from pets.cli.group import pets

__all__ = ["accounts", "health", "pets", "register", "sheets"]
