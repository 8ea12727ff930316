"""The floor to measure against: the same list by Flask, sqlite3 and one Jinja template, and nothing else.

No accounts, no history, no search that folds: what is left when everything that can be left out is.

    python -m tests.scale.floor REGISTER PORT
"""

import csv
import io
import logging
import sqlite3
import sys
import threading

from flask import Flask, Response, render_template, request

LIST = "SELECT id, name, type, born_on, changed_at, name_key FROM pet ORDER BY name_key, id LIMIT 25"
NEXT = """SELECT id, name, type, born_on, changed_at, name_key FROM pet WHERE (name_key, id) > (?, ?)
    ORDER BY name_key, id LIMIT 25"""
ALL = "SELECT id, name, type, born_on, notes, added_at, changed_at, version FROM pet ORDER BY name_key, id"
BATCH = 2000

SOURCE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Pets</title>
<link rel="stylesheet" href="/static/pets.css"></head><body>
<h1>Pets</h1>
<form><label for="q">Search</label><input id="q" name="q" value="{{ q }}"><button>Search</button></form>
<table><thead><tr><th>Name</th><th>Type</th><th>Born</th><th>Last change</th></tr></thead><tbody>
{% for id, name, type, born_on, changed_at, key in pets -%}
<tr><td><a href="/pets/{{ id }}">{{ name }}</a></td><td>{{ type }}</td><td>{{ born_on or "" }}</td>
<td>{{ changed_at }}</td></tr>
{% endfor -%}
</tbody></table>
{% if pets %}<a href="?key={{ pets[-1][5]|urlencode }}&amp;id={{ pets[-1][0] }}">Next</a>{% endif %}
</body></html>"""

app = Flask(__name__, static_folder=None)
PAGE = app.jinja_env.from_string(SOURCE)  # compiled once
own = threading.local()


def register() -> sqlite3.Connection:
    if not hasattr(own, "connection"):
        own.connection = sqlite3.connect(app.config["REGISTER"])
    return own.connection


@app.get("/pets/")
def list_pets():
    place = request.args.get("key"), request.args.get("id")
    rows = register().execute(NEXT, place) if place[0] is not None else register().execute(LIST)
    return render_template(PAGE, pets=rows.fetchall(), q=request.args.get("q", ""))


@app.get("/pets.csv")
def export():
    def chunks():
        rows = sqlite3.connect(app.config["REGISTER"]).execute(ALL)
        while batch := rows.fetchmany(BATCH):
            text = io.StringIO()
            csv.writer(text).writerows(batch)
            yield text.getvalue().encode()

    return Response(chunks(), mimetype="text/csv")


if __name__ == "__main__":
    import waitress

    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # as ours
    app.config["REGISTER"] = sys.argv[1]
    waitress.serve(app, host="127.0.0.1", port=int(sys.argv[2]), threads=4)
