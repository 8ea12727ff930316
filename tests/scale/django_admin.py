"""What people would otherwise pick: the same pets in Django's admin, with SQLite set up as well as it can be.

python -m tests.scale.django_admin REGISTER FOLDER [history] PORT

By itself the admin logs who changed which fields; with "history", django-simple-history keeps each version of
a pet, as ours does.
"""

import logging
import secrets
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import django
import waitress
from django.conf import settings

NAME, PASSWORD = "edith", "a password for the bench"


def set_up(database: Path, history: bool) -> None:
    settings.configure(
        SECRET_KEY=secrets.token_hex(),
        ALLOWED_HOSTS=["127.0.0.1"],
        INSTALLED_APPS=[
            *(f"django.contrib.{app}" for app in ("admin", "auth", "contenttypes", "sessions", "messages")),
            *(["simple_history"] if history else []),
        ],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            *(["simple_history.middleware.HistoryRequestMiddleware"] if history else []),
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": database,
                "CONN_MAX_AGE": None,
                "OPTIONS": {
                    "timeout": 15,
                    "transaction_mode": "IMMEDIATE",
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
                },
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        STATIC_URL="/static/",
        USE_TZ=True,
    )
    django.setup()


def make_pet(with_history: bool):
    """The model and its admin: the list, search and filter that ours has."""
    from django.contrib import admin
    from django.db import models

    Admin = admin.ModelAdmin
    if with_history:
        from simple_history.admin import SimpleHistoryAdmin as Admin
        from simple_history.models import HistoricalRecords

    class Pet(models.Model):
        name = models.CharField(max_length=100)  # as the tutorial has it: no column has an index by itself
        type = models.CharField(max_length=60)
        born_on = models.DateField(null=True, blank=True)
        notes = models.TextField(blank=True)
        changed_at = models.DateTimeField(auto_now=True)
        if with_history:
            history = HistoricalRecords()

        class Meta:
            app_label = "admin"
            db_table = "pet"

    @admin.register(Pet)
    class PetAdmin(Admin):
        list_display = ("name", "type", "born_on", "changed_at")
        list_per_page = 25
        list_filter = ("type",)
        show_facets = admin.ShowFacets.ALWAYS  # how many there are of each type, as our list says too
        search_fields = ("name", "type", "notes")
        ordering = ("name", "id")

    return Pet


def fill(pet, register: Path, database: Path) -> None:
    """The tables, somebody who may do everything, and the pets of our register."""
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as schema:
        schema.create_model(pet)
        if hasattr(pet, "history"):
            schema.create_model(pet.history.model)
    User.objects.create_superuser(NAME, password=PASSWORD)
    connection.close()
    with closing(sqlite3.connect(database)) as pets:
        pets.execute("ATTACH ? AS ours", (str(register),))
        columns = "id, name, type, born_on, notes, changed_at"
        pets.execute(f"INSERT INTO pet ({columns}) SELECT {columns} FROM ours.pet ORDER BY id")
        pets.commit()


def main() -> None:
    register, folder, port = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[-1])
    history = "history" in sys.argv[3:]
    database = folder / ("django-history.sqlite" if history else "django.sqlite")
    there = database.exists()
    set_up(database, history)
    pet = make_pet(history)
    if not there:
        fill(pet, register, database)
    from django.contrib import admin
    from django.core.wsgi import get_wsgi_application
    from django.urls import path

    settings.ROOT_URLCONF = (path("admin/", admin.site.urls),)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # as ours
    waitress.serve(get_wsgi_application(), host="127.0.0.1", port=port, threads=4)


if __name__ == "__main__":
    main()
