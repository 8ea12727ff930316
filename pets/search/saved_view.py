"""Saved views: searches of the list that somebody gave a name, for themselves or for everybody."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import ForeignKey, Index, Select, exists, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from pets.accounts.account import Person
from pets.db import Base, Key, Words, db, only_where
from pets.fields.text import fold, tidy_line, unwritable, visible
from pets.language import gettext as _, number

NAME, MOST = 60, 50  # characters, and how many views one person is shown of each sort


class SavedView(Base):
    """A search with its filters, columns and order, under a name."""

    __tablename__ = "saved_view"

    id: Mapped[int] = mapped_column(Key, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))  # who saved it
    shared: Mapped[bool]  # whether everybody is shown it
    name: Mapped[str] = mapped_column(Words)
    name_key: Mapped[str] = mapped_column(Words)
    query: Mapped[str] = mapped_column(Words)  # as the address of the list has it, with its "?"

    __table_args__ = (
        Index("uq_saved_view_own", "account_id", "name_key", unique=True, **only_where("not shared")),
        Index("uq_saved_view_shared", "name_key", unique=True, **only_where("shared")),
        {"sqlite_autoincrement": True},
    )

    # What one can ask

    @classmethod
    def shown_to(cls, person: Person) -> Select["SavedView"]:
        """The views that a person is shown: everybody's, and then their own; by name."""
        theirs = or_(cls.shared, cls.account_id == person.id)
        return select(cls).where(theirs).order_by(cls.shared.desc(), cls.name_key)

    @classmethod
    def all_for(cls, person: Person) -> Sequence["SavedView"]:
        """All of them."""
        return db.session.scalars(cls.shown_to(person)).all()

    @classmethod
    def found(cls, view_id: int, person: Person) -> "SavedView | None":
        """One of those that a person is shown."""
        return db.session.scalar(cls.shown_to(person).where(cls.id == view_id))

    @classmethod
    def kept(cls, person: Person, name: str, query: str) -> "SavedView | None":
        """The view that this person saved under this name, where it is the same search."""
        if unwritable(name):
            return None
        mine = select(cls).where(cls.account_id == person.id, cls.name_key == fold(tidy_line(name)))
        return db.session.scalar(mine.where(cls.query == query).limit(1))

    @classmethod
    def replaceable(cls, person: Person, name: str, shared: bool) -> "SavedView | None":
        """The view of this name that keeps another from it, if this person may change it."""
        named = (one for one in cls.all_for(person) if one.shared is shared and one.name_key == fold(name))
        return next((one for one in named if one.may_be_changed_by(person)), None)

    @staticmethod
    def any_for(account_id: Any) -> Any:
        """Whether an account is shown any, to be selected beside it."""
        return exists().where(or_(SavedView.shared, SavedView.account_id == account_id))

    def may_be_changed_by(self, person: Person) -> bool:
        """Whether this person may rename or delete it: their own; of everybody's, an admin may too."""
        if self.shared and not person.may("edit"):
            return False
        return self.account_id == person.id or (self.shared and person.may("admin"))

    @classmethod
    def name_problem(cls, name: str, shared: bool, person: Person, but: "SavedView | None") -> str | None:
        """What is wrong with a (tidied) name for a view, other than `but`, as a sentence; or None."""
        if not name or not visible(name):
            return _("Enter a name, such as Reserved cats.")
        if len(name) > NAME:
            return _(
                "The name is %(length)s characters long. Shorten it to %(longest)s or fewer.",
                length=number(len(name)),
                longest=NAME,
            )
        if unwritable(name):
            return _("The name has a character that can’t be saved. Type it again.")
        others = [one for one in db.session.scalars(cls.shown_to(person)) if one is not but]
        others = [one for one in others if one.shared is shared]
        if any(one.name_key == fold(name) for one in others):
            if shared:
                return _(
                    "Everybody’s views already have one called “%(name)s”. Choose another name.", name=name
                )
            return _("You already have a view called “%(name)s”. Choose another name.", name=name)
        if len(others) >= MOST:
            return _("There are already %(most)s views. Delete one you no longer need first.", most=MOST)
        return None

    # What one can do

    @classmethod
    def follow(cls, name: str, renamed: Mapping[str, str]) -> None:
        """Let all views look for what the facts of a field are called now."""
        for view in db.session.scalars(select(cls).where(cls.query.contains(f"{name}=", autoescape=True))):
            asked = parse_qsl(view.query.removeprefix("?"))
            asked = [(key, renamed.get(value, value) if key == name else value) for key, value in asked]
            view.query = "?" + urlencode(asked, safe=",")

    def keep(self, name: str, shared: bool) -> None:
        """Give it a name, and say who is shown it."""
        self.name, self.shared = tidy_line(name), shared
        self.name_key = fold(self.name)
