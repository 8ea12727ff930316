"""The commands: flask --app app pets …"""

from pets.cli import accounts, deploy, health, register, sheets
from pets.cli.group import pets

__all__ = ["accounts", "deploy", "health", "pets", "register", "sheets"]
