"""The start: the register is upgraded after a backup, and where it cannot be read, the way back is named."""

from pets.backups import store
from pets.backups.make import make_automatically
from pets.backups.restore import way_back
from pets.migrations import NotOurs, Unreadable, bring_up_to_date


def begin_register() -> None:
    """Create the current app's register, or bring it up to date. Raises NotOurs, and leaves it as it is."""
    try:
        bring_up_to_date(_backup_first)
    except Unreadable as problem:
        raise NotOurs(f"{problem} {way_back()}") from problem


def _backup_first() -> str:
    """Make a backup of a register that is about to be upgraded. Returns where it is, in a sentence."""
    problem = make_automatically("upgrade")
    if problem:
        raise NotOurs(f"The register has to be upgraded, and was left as it is. {problem}")
    made = next((one for one in store.all_backups() if one.why == "upgrade"), None)
    return f"The backup that was made first is {made.file}." if made else ""
