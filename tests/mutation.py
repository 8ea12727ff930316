"""Whether the tests notice a mistake: small ones are made in the code, one after the other, by cosmic-ray.

By hand, in a clone of its own, since the files are changed while it runs:

    pip install cosmic-ray==8.7.0
    python -m tests.mutation changes 60      # a room of ROOMS, and how many mistakes, chosen at random

It prints which mistakes no test noticed (survived), and the share of those that were.
"""

import json
import random
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).parent.parent
SEED = 17
ROOMS = {
    "changes": (
        ["pets/changes"],
        "tests/models/test_merge.py tests/models/test_history.py tests/models/test_draft.py "
        "tests/views/test_draft_law.py tests/views/test_history.py tests/views/test_draft.py "
        "tests/views/test_sent.py tests/views/test_duplicates.py tests/views/test_pets.py "
        "tests/fields/test_own.py tests/views/test_field_changes.py tests/views/test_links.py "
        "tests/test_migrations.py tests/test_cli.py::test_what_was_written_past_the_history_is_named",
    ),
    "fields": (
        ["pets/fields"],
        "tests/models/test_age.py tests/models/test_words.py tests/sheets tests/fields "
        "tests/views/test_pets.py tests/views/test_fields.py tests/views/test_imports.py",
    ),
    "imports": (
        ["pets/imports"],
        "tests/sheets/test_cases.py tests/views/test_import_homes.py tests/views/test_import_questions.py "
        "tests/views/test_imports.py tests/sheets tests/test_cli_sheets.py",
    ),
    "permissions": (
        ["pets/web/permissions.py", "pets/web/proxies.py", "pets/accounts"],
        "tests/models/test_password.py tests/test_access.py tests/test_proxies.py tests/test_headers.py "
        "tests/views/test_session.py tests/views/test_kept.py tests/views/test_accounts.py tests/test_cli.py",
    ),
}
CONFIG = """
[cosmic-ray]
module-path = {modules}
timeout = 300.0
excluded-modules = []
test-command = "{python} -m pytest -q -x -p no:cacheprovider {tests}"

[cosmic-ray.distributor]
name = "local"
"""


def run(*command: object) -> str:
    """What a command prints."""
    done = subprocess.run([str(one) for one in command], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout[-3000:] + done.stderr)
    return done.stdout


def main(room: str, many: int) -> None:
    """Make so many mistakes in a room, and tell which survived."""
    modules, tests = ROOMS[room]
    folder = Path(tempfile.mkdtemp(prefix="mutation-"))
    config, session = folder / "config.toml", folder / "session.sqlite"
    config.write_text(CONFIG.format(modules=json.dumps(modules), python=sys.executable, tests=tests), "utf-8")
    run(
        sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests.split()
    )  # or all is noticed
    run("cosmic-ray", "init", config, session)
    with closing(sqlite3.connect(session)) as connection, connection:
        # Those of "str | None" break every import, and so are noticed by any test.
        rows = connection.execute(
            "SELECT job_id FROM mutation_specs WHERE operator_name NOT LIKE '%BitOr%'"
            " ORDER BY module_path, operator_name, occurrence"
        )
        jobs = [job for (job,) in rows]
        chosen = random.Random(SEED).sample(jobs, min(many, len(jobs)))
        for table in ("mutation_specs", "work_items"):
            marks = ",".join("?" * len(chosen))
            connection.execute(f"DELETE FROM {table} WHERE job_id NOT IN ({marks})", chosen)
    print(f"{len(chosen)} of {len(jobs)} mistakes, in {session}", flush=True)
    run("cosmic-ray", "exec", config, session)
    print(run("cr-report", "--show-diff", "--surviving-only", session))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
