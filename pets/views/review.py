"""The review: what waits in the draft, each line against its pet as it is now."""

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from pets.changes.concern import CONCERNS, concern_now, pets_now, said_against
from pets.changes.discarded import discarded
from pets.changes.draft import PARTS, Draft
from pets.changes.draft_line import DraftLine
from pets.changes.history import PetHistory
from pets.changes.likeness import likely
from pets.db import db
from pets.fields.album import Album
from pets.language import gettext as _
from pets.search.listing import Page, listing
from pets.web.blueprint import bp, page
from pets.web.permissions import may


@bp.get("/draft")
@may("edit")
def show_draft() -> ResponseReturnValue:
    """The review: what is of concern first, then new, changed and removed."""
    return review()


def review(status: int = 200, note: str = "") -> ResponseReturnValue:
    """The page of the review; `note` says why it is shown again."""
    draft = Draft.of(current_user.id)
    if draft is None or not draft.size:
        away = discarded(current_user.id)
        return page("draft/empty.html", status if note else 200, note=note, away=away)
    part = request.args.get("part", "")
    if part and part not in (*PARTS, "concerns"):
        abort(400, _("A draft has three parts: new, changed and removed."))
    concerns = draft.concerns()
    lists = [name for name in ("concerns", *PARTS) if part in ("", name)]
    found = {name: _lines(draft, name, bool(part)) for name in lists}
    shown = [line for lines in found.values() for line in lines.rows]
    standing = _stand(shown, draft.id)
    return page(
        "draft/review.html",
        status,
        draft=draft,
        counts=draft.counts(),
        concerns=concerns,
        reasons=CONCERNS,
        edition=draft.edition,
        waiting=draft.waiting,
        found=found,
        part=part,
        note=note,
        standing=standing,
        likely=likely(shown, draft.id),
    )


def _stand(lines: list[DraftLine], draft_id: int) -> dict[int, PetHistory]:
    """Show lines as their pets are now. Returns how those stand about which a person has to choose."""
    pets = pets_now(line.pet_id for line in lines)
    for line, problems in zip(lines, said_against(lines, pets, draft_id), strict=True):
        db.session.expunge(line)
        _, now = pets.get(line.pet_id or 0, (0, None))
        line.face = Album.of(now or line.after or {}).face
        line.problems = problems
        line.concern = concern_now(line, pets)
        if line.concern != "idle" and line.pet_id in pets:
            line.show_against(pets[line.pet_id][1])
    stale = {line.pet_id: line.version for line in lines if line.concern == "stale" and line.pet_id}
    return PetHistory.of_many(stale) if stale else {}


def _lines(draft: Draft, name: str, paged: bool) -> Page:
    """One page of a list of the review."""
    query = draft.concerned() if name == "concerns" else draft.lines(name)
    if name != "concerns" and not paged:  # on the page of all parts they stand above already
        query = query.where(DraftLine.concern.is_(None))
    after = request.args.get("after", "") if paged else ""
    return listing(query, key=(DraftLine.id,), after=after)
