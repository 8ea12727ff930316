"""What people would otherwise pick: the same pets in Django's admin, with SQLite set up as well as it can be.

python -m tests.scale.django_admin REGISTER FOLDER PORT
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


def set_up(database: Path) -> None:
    settings.configure(
        SECRET_KEY=secrets.token_hex(),
        ALLOWED_HOSTS=["127.0.0.1"],
        INSTALLED_APPS=[
            f"django.contrib.{app}" for app in ("admin", "auth", "contenttypes", "sessions", "messages")
        ],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
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


def make_pet():
    """The model and its admin: the list, search and filter that ours has."""
    from django.contrib import admin
    from django.db import models

    class Pet(models.Model):
        name = models.CharField(max_length=100)  # as the tutorial has it: no column has an index by itself
        type = models.CharField(max_length=60)
        born_on = models.DateField(null=True, blank=True)
        notes = models.TextField(blank=True)
        changed_at = models.DateTimeField(auto_now=True)

        class Meta:
            app_label = "admin"
            db_table = "pet"

    @admin.register(Pet)
    class PetAdmin(admin.ModelAdmin):
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
    User.objects.create_superuser(NAME, password=PASSWORD)
    connection.close()
    with closing(sqlite3.connect(database)) as pets:
        pets.execute("ATTACH ? AS ours", (str(register),))
        columns = "id, name, type, born_on, notes, changed_at"
        pets.execute(f"INSERT INTO pet ({columns}) SELECT {columns} FROM ours.pet ORDER BY id")
        pets.commit()


def main() -> None:
    register, folder, port = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    database = folder / "django.sqlite"
    there = database.exists()
    set_up(database)
    pet = make_pet()
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
