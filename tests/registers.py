"""A register for each test: migrated once, then copied, in the database that PETS_TEST_DATABASE names."""

import functools
import os
import re
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from flask import Flask, current_app, has_request_context, request, url_for
from jinja2 import Environment
from sqlalchemy import Engine, dialects, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from werkzeug.local import LocalProxy
from werkzeug.routing import Rule

from app import create_app
from pets.db import db
from pets.migrations import bring_up_to_date
from pets.web import static
from tests.people import Person, hire_cast

DATABASE = os.environ.get("PETS_TEST_DATABASE", "sqlite")
WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE|BEGIN IMMEDIATE)\b", re.IGNORECASE)


# Each test has an app of its own, and what is made for one serves all, where it is the same for all.

static.Assets = functools.cache(static.Assets)  # read and compressed
TEMPLATES: list[Environment] = []
STATEMENTS = {}


class Alike:
    """Dialects of one kind are the same: SQL that was compiled for one engine need not be for another."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


class SQLite(Alike, SQLiteDialect_pysqlite):
    supports_statement_cache = True


class PostgreSQL(Alike, PGDialect_psycopg):
    supports_statement_cache = True


dialects.registry.register("sqlite", __name__, "SQLite")
dialects.registry.register("postgresql.psycopg", __name__, "PostgreSQL")


def _load_templates_once(app: Flask) -> None:
    if not TEMPLATES:
        app.jinja_env.globals.update(url_for=url_for, config=LocalProxy(lambda: current_app.config))
        TEMPLATES.append(app.jinja_env)
    app.jinja_env = TEMPLATES[0]


def _compile_addresses_once() -> None:
    """The code that makes an address of a rule: compiling it is most of what an app costs."""
    compiled, compile_builder = {}, Rule._compile_builder

    @functools.wraps(compile_builder)
    def once(rule: Rule, append_unknown: bool = True):
        key = rule.rule, rule.subdomain, repr(rule.defaults), append_unknown
        if key not in compiled:
            compiled[key] = compile_builder(rule, append_unknown)
        return compiled[key]

    Rule._compile_builder = once


_compile_addresses_once()


class Registers:
    """`with registers.open(PETS_TIMEZONE="Asia/Tokyo") as app:` is an empty register, gone at the end."""

    def __init__(self, folder: Path):
        self._folder, self._count = folder, 0
        self._cast: dict[str, tuple[str, str]] = {}
        self._database = {"sqlite": Files, "postgresql": Databases}[DATABASE]()
        self._template = self._settings(self._database.template)
        with self._app(**self._template) as app, app.app_context():
            bring_up_to_date()
        with self._app(**self._template) as app:
            self._cast = hire_cast(app)
            self._cookie_name = app.config["SESSION_COOKIE_NAME"]
        self._database.keep_template()

    def close(self) -> None:
        self._database.close()

    @contextmanager
    def open(self, **settings) -> Iterator[Flask]:
        with self.lend() as where, self._app(**where, **settings) as app:
            yield app

    @contextmanager
    def open_new(self, **settings) -> Iterator[Flask]:
        """A database with nothing in it, not even tables, as at the first start."""
        with self._database.lend_new() as uri, self._app(**self._settings(uri), **settings) as app:
            yield app

    @contextmanager
    def lend(self) -> Iterator[dict[str, str]]:
        """The settings of an empty register, for a server of its own (see `tests/server.py`)."""
        with self._database.lend() as uri:
            where = self._settings(uri)
            shutil.copytree(self._template["PETS_INSTANCE"], where["PETS_INSTANCE"])
            try:
                yield where
            finally:
                shutil.rmtree(where["PETS_INSTANCE"], ignore_errors=True)

    @contextmanager
    def beside(self, where: dict[str, str]) -> Iterator[Flask]:
        """An app of this process on a register that was lent to a server."""
        with self._app(**where) as app:
            yield app

    def cookie(self, name: str) -> tuple[str, str]:
        """The cookie with which one of the cast is signed in, for a browser of another kind: name, value."""
        return self._cookie_name, self._cast[name][0]

    def empty(self, where: dict[str, str]) -> None:
        """Bring a register that was lent back to how it was, while a server goes on using it."""
        if uri := where.get("PETS_DATABASE_URI"):
            self._database.empty(uri)
        else:
            self._database.empty(self._template["PETS_INSTANCE"], where["PETS_INSTANCE"])

    def _settings(self, uri: str | None) -> dict[str, str]:
        self._count += 1
        where = {"PETS_INSTANCE": str(self._folder / str(self._count))}
        return {**where, "PETS_DATABASE_URI": uri} if uri else where

    @contextmanager
    def _app(self, **settings) -> Iterator[Flask]:
        app = create_app({"TESTING": True, **settings})
        app.test_client_class = Person
        _load_templates_once(app)
        app.extensions["cast"] = self._cast
        with app.app_context():
            engines = list(db.engines.values())
        for engine in engines:
            _refuse_writes_of_a_get(engine)
            engine.update_execution_options(compiled_cache=STATEMENTS)
        try:
            yield app
        finally:
            for thread in threading.enumerate():
                if thread.name == "jobs":
                    thread.join(10)
            for engine in engines:
                engine.dispose()


def _refuse_writes_of_a_get(engine: Engine) -> None:
    @event.listens_for(engine, "before_cursor_execute")
    def look(connection, cursor, statement, parameters, context, executemany):
        if has_request_context() and request.method in {"GET", "HEAD"}:
            assert not WRITES.match(statement), f"{request} changes something: {statement}"


class Files:
    """SQLite: the file lies in the data folder and is copied with it."""

    template = None

    def keep_template(self) -> None: ...

    def close(self) -> None: ...

    @contextmanager
    def lend(self) -> Iterator[None]:
        yield None

    lend_new = lend

    def empty(self, template: str, folder: str) -> None:
        empty, used = (sqlite3.connect(f"{where}/pets.sqlite") for where in (template, folder))
        with closing(empty), closing(used):
            empty.backup(used)


class Databases:
    """PostgreSQL, where the PG… variables point: databases made from a template (40 ms), which after use
    are emptied (10 ms) and lent again. The user must be a superuser there, as in `pg_virtualenv`."""

    def __init__(self):
        import psycopg

        self._connect = psycopg.connect
        self._free: list[str] = []
        self._made: list[str] = []
        self.template = self._create(NEW)

    def keep_template(self) -> None:
        """Note what stands in the tables from the start, and how to bring a used database back to it."""
        with self._connect(f"dbname={_name(self.template)}", autocommit=True) as template:
            template.execute("CREATE SCHEMA pristine")
            self._steps = [
                END_OTHERS,
                "SET session_replication_role = replica",
            ]  # no triggers, no foreign keys
            for table, columns in template.execute(TABLES).fetchall():
                template.execute(f"CREATE TABLE pristine.{table} AS SELECT {columns} FROM {table}")
                self._steps.append(f"DELETE FROM {table}")
                if template.execute(f"SELECT 1 FROM {table}").fetchone():
                    kept = f"SELECT {columns} FROM pristine.{table}"
                    self._steps.append(f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE {kept}")
            self._steps += [step for (step,) in template.execute(SEQUENCES)]

    @contextmanager
    def lend(self) -> Iterator[str]:
        copy = f"TEMPLATE {_name(self.template)} STRATEGY file_copy"
        uri = self._free.pop() if self._free else self._create(copy)
        try:
            yield uri
        finally:
            self.empty(uri)
            self._free.append(uri)

    @contextmanager
    def lend_new(self) -> Iterator[str]:
        yield self._create(NEW)

    def empty(self, uri: str) -> None:
        with self._connect(f"dbname={_name(uri)}", autocommit=True) as used:
            used.execute("; ".join(self._steps))

    def close(self) -> None:
        for uri in self._made:
            self._order(f"DROP DATABASE {_name(uri)} WITH (FORCE)")

    def _create(self, how: str) -> str:
        uri = f"postgresql:///pets_test_{os.getpid()}_{len(self._made)}"
        self._order(f"CREATE DATABASE {_name(uri)} {how}")
        self._made.append(uri)
        return uri

    def _order(self, statement: str) -> None:
        with self._connect("dbname=postgres", autocommit=True) as server:
            server.execute(statement)


NEW = "ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0"
END_OTHERS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
TABLES = """SELECT quote_ident(table_name), string_agg(quote_ident(column_name), ', ')
    FROM information_schema.tables NATURAL JOIN information_schema.columns
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND is_generated = 'NEVER'
    GROUP BY table_name"""
SEQUENCES = """SELECT format('SELECT setval(%L, %s, %L)',
        quote_ident(sequencename), coalesce(last_value, start_value), last_value IS NOT NULL)
    FROM pg_sequences WHERE schemaname = 'public'"""


def _name(uri: str) -> str:
    return uri.rpartition("/")[2]
