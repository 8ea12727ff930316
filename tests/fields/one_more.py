"""One more field, declared from outside as a developer would in `pets/fields`, with its migration.

A plugin of pytest (`-p`), so that the list has it before anything of Pets reads it: see `test_one_more.py`.
"""

from importlib.machinery import SourceFileLoader

LOAD = SourceFileLoader.exec_module


def load(loader, module) -> None:
    """Load a module; the one with the list gets the field at once."""
    LOAD(loader, module)
    if module.__name__ == "pets.fields":
        chip = module.Line(
            name="chip",
            label="Microchip number",
            hint="The 15 digits on its papers.",
            longest=30,
            headings={"chip": ("chip", "microchip", "chip number")},
            exported={"chip": 18},
            own="chip",
            shared=False,
            searched=True,
            key="chip_key",
            sort="chip",
            column="Microchip",
        )
        module.TYPED += (chip,)
        module.BUILT_IN += (chip,)
        module.BUILT_IN_ALONE = module.Catalogue(module.BUILT_IN)


SourceFileLoader.exec_module = load  # type: ignore[method-assign]

import sqlalchemy as sa  # noqa: E402
from alembic import op  # noqa: E402
from alembic.migration import MigrationContext  # noqa: E402
from alembic.operations import Operations  # noqa: E402

from pets import migrations  # noqa: E402
from pets.db import Words, db  # noqa: E402
from pets.migrations.guard import guard  # noqa: E402


def upgrade() -> None:
    for name in ("chip", "chip_key"):
        op.add_column("pet", sa.Column(name, Words, nullable=False, server_default=""))
    op.create_index("ix_pet_chip_key_id", "pet", ["chip_key", "id"])
    guard()


def bring_up_to_date(before=migrations.bring_up_to_date) -> None:
    before()
    with db.engine.begin() as connection:
        if "chip" not in {column["name"] for column in sa.inspect(connection).get_columns("pet")}:
            with Operations.context(MigrationContext.configure(connection)):
                upgrade()


migrations.bring_up_to_date = bring_up_to_date
