"""Help: short answers to the questions that arise, each at an anchor that other pages lead to."""

from flask.typing import ResponseReturnValue
from markupsafe import Markup

from pets.language import lazy_gettext as _
from pets.web.blueprint import bp, page
from pets.web.filters import path_to
from pets.web.permissions import may

QUESTIONS = {  # by the anchors of their answers, in the order of the page
    "start": _("How do I start?"),
    "many": _("How do I change many pets at once?"),
    "views": _("Can I keep a search?"),
    "export": _("How do I get my data out?"),
    "estimate": _("What is an estimate?"),
    "photos": _("How do I add photos?"),
    "duplicates": _("The same pet is there twice. What do I do?"),
    "spreadsheets": _("Which spreadsheets can I import?"),
    "printing": _("How do I print?"),
    "draft": _("What is a draft?"),
    "undo": _("How does undo work?"),
    "removed": _("I removed the wrong pet. Is it gone?"),
    "conflict": _("Someone changed the same pet. What now?"),
    "fields": _("Can I keep more than name, type, birth date and notes?"),
    "roles": _("Who can do what?"),
    "privacy": _("Who sees what?"),
    "password": _("I forgot my password"),
    "backups": _("Is my data safe?"),
    "keys": _("Which keys are there?"),
}
KEYS = (
    ("/", _("Search")),
    ("n", _("Add a pet")),
    ("e", _("Edit the pet on this page")),
    ("j k", _("Next and previous pet in the list; the arrow keys too")),
    ("x", _("Tick the pet in the list")),
    ("g h", _("Go to the history")),
    ("g d", _("Go to your draft")),
    ("g p", _("Go to the pets")),
    ("?", _("Show the keys")),
)


@bp.get("/help")
@may("open")
def show_help() -> ResponseReturnValue:
    """All answers. Open to everybody: it shows nothing private, and who cannot sign in has questions too."""
    return page("help/show.html", questions=QUESTIONS, keys=KEYS)


@bp.app_template_global()
def help_link(anchor: str) -> Markup:
    """A line that leads to an answer, in the place where its question arises."""
    return Markup('<p class="quiet"><a href="{}#{}">{}</a></p>').format(
        path_to("pets.show_help"), anchor, QUESTIONS[anchor]
    )
