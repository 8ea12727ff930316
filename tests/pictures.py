"""The README's pictures, made again of a register that looks like a shelter's: python -m tests.pictures"""

import random
import shutil
import tempfile
from datetime import UTC, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from unittest.mock import patch

from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import select, update

from app import create_app
from pets import clock
from pets.accounts.account import Account
from pets.accounts.sessions import SignIn
from pets.changes.changeset import Changeset
from pets.db import db
from pets.migrations import bring_up_to_date
from pets.models.field import OwnField
from pets.models.pet import Pet
from tests.people import Person, hire_cast
from tests.server import Server

HERE = Path(__file__).parent / "browser"
PICTURES = {  # name: (address, width and height, colours, how much larger than that)
    "list": ("/pets/", (1280, 800), "light", 1),
    "home": ("/", (1280, 880), "dark", 1),
    "phone": ("/", (390, 880), "light", 1),
}
COLOURS = 64  # of a picture: a page has few, and the file is a third as large
DAYS = 400  # that the register has been kept
NOW = datetime.now(UTC)

NAMES = """Rex Bella Luna Max Molly Charlie Daisy Rocky Coco Milo Ruby Buddy Lola Jack Zoe Oscar Rosie Teddy
Poppy Biscuit Marshmallow Élodie Clementine Duke Pepper Zwieback Nala Simba Bonnie Archie Willow Hazel Ginger
Smokey Tigger Felix Misty Socks Patch Bramble Clover Thistle Juniper Maple Olive Nutmeg Saffron Fig Comet
Ember Indigo Quill Rowan Velvet Yarrow Zephyr Barney Betty Bruno Cleo Dexter Elsie Finn Gus Hugo Ivy Jasper
Kiki Loki Mabel Ned Otis Penny Rufus Sadie Toby Ursula Violet Winnie Ziggy Frida Minka Odin Pip Amber Basil
Bertie Blossom Bobby Bruce Bubbles Candy Casper Cinnamon Cookie Cosmo Dixie Dolly Domino Dora Dusty Echo Eddie
Elvis Fern Flash Fluffy Freya Frodo George Goldie Gracie Gypsy Harley Heidi Henry Holly Honey Hunter Iris Jade
Jerry Jet Jonas Josie Juno Kala Kato Koda Lenny Leo Lily Lotte Lucky Maggie Marley Merlin Mimi Monty Morris
Murphy Nellie Nero Nina Noodle Nova Opal Oreo Paddy Pearl Percy Piper Pixie Polly Pumpkin Queenie Raven Remy
Rolo Romeo Rusty Salem Sam Scout Shadow Skye Snowy Sooty Sparky Stella Sunny Tango Tilly Tinker Topsy Truffle
Vera Wanda Whisky Willa Wolfie Yoshi Yuki Zelda Zorro""".split()
BREEDS = {
    "Dog": "Mixed breed|Mixed breed|Border Terrier|German Shepherd|Labrador Retriever|Spaniel|Whippet",
    "Cat": "Domestic shorthair|Domestic shorthair|Domestic longhair|Maine Coon|Siamese",
    "Rabbit": "Netherland Dwarf|Lionhead|Holland Lop",
    "Guinea pig": "Abyssinian|American|Peruvian",
    "Parrot": "African grey|Budgerigar|Cockatiel",
    "Tortoise": "Hermann’s tortoise|Greek tortoise",
}
NOTES = [
    "",
    "",
    "",
    "Shy with strangers, gentle once she knows you.",
    "Good with children.",
    "Needs a quiet home.",
]
FIELDS = (
    {"label": "Sex", "kind": "choice", "choices": ["female", "male"], "listed": False},
    {"label": "Breed", "kind": "line", "listed": True},
    {"label": "Status", "kind": "choice", "choices": ["in shelter", "reserved", "fostered"], "listed": True},
    {"label": "Microchip number", "kind": "code", "listed": False},
)


def main() -> None:
    """Make all of them."""
    folder = Path(tempfile.mkdtemp())
    try:
        cookie = _fill(folder / "pets")
        with Server(PETS_INSTANCE=str(folder / "pets")) as server, sync_playwright() as playwright:
            program = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium"))), None)
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            for name in PICTURES:
                _take(name, browser, server.url, cookie)
    finally:
        shutil.rmtree(folder)


def _take(name: str, browser: Browser, url: str, cookie: tuple[str, str]) -> None:
    address, (width, height), scheme, scale = PICTURES[name]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, device_scale_factor=scale
    )
    context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": url}])
    page = context.new_page()
    page.goto(url + address)
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    picture = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    picture.save(HERE / f"{name}.png", optimize=True)
    context.close()
    print(f"{name}.png: {(HERE / f'{name}.png').stat().st_size // 1024} KB")


def _fill(instance: Path) -> tuple[str, str]:
    """Make the register. Returns the cookie of somebody who is signed in."""
    app = create_app({"TESTING": True, "PETS_INSTANCE": str(instance)})
    app.test_client_class = Person
    with app.app_context():
        bring_up_to_date()
    hire_cast(app)
    with app.app_context():
        for field in FIELDS:
            OwnField.add(field)
        db.session.commit()
    _live(app)
    with app.app_context():
        number = db.session.scalar(select(Pet.id).order_by(Pet.id).limit(1))
        before = clock.now() - timedelta(days=2)
        db.session.execute(update(SignIn).values(begun_at=before, confirmed_at=before))
        db.session.execute(update(Account).values(made_at=before - timedelta(days=DAYS)))
        db.session.commit()
    edith = app.test_client(name="edith")
    edith.sign_in()
    edith.fill(f"/pets/{number}/edit", "Add to draft", notes="Vaccinated. Good with cats.")
    edith.get("/")  # which takes the note away that it is in the draft
    with app.app_context():
        db.engine.dispose()
    return app.config["SESSION_COOKIE_NAME"], edith.cookie


def _live(app: Flask) -> None:
    """Let pets come and go, some each week, and be edited by this one and that."""
    chance, begun = random.Random(4), datetime.combine(clock.today(), time(9), UTC) - timedelta(days=DAYS)
    for day in range(DAYS + 1):
        moment = begun + timedelta(days=day, minutes=chance.randrange(60))
        for _ in range(chance.choice((0, 1, 1, 2, 3)) if day % 7 < 6 else 0):
            moment = min(moment + timedelta(minutes=7), NOW)
            with app.app_context(), patch.object(clock, "now", lambda now=moment: now):
                Changeset.author(*chance.choice((("Edith", 2), ("Ada", 3), ("Edith", 2))))
                _event(chance)
                db.session.commit()


def _event(chance: random.Random) -> None:
    there = db.session.query(Pet).order_by(Pet.id).all()
    what = chance.choices(("comes", "goes", "edited"), (5, min(len(there), 80) / 30, 2 if there else 0))[0]
    if what == "goes":
        db.session.delete(chance.choice(there))
    elif what == "edited":
        chance.choice(there).set_facts({"own.3": chance.choice(FIELDS[2]["choices"])})
    else:
        db.session.add(_pet(chance, {pet.name for pet in there}))


def _pet(chance: random.Random, taken: set[str]) -> Pet:
    kind = chance.choices(list(BREEDS), (30, 42, 12, 8, 5, 3))[0]
    days = int(chance.expovariate(1 / (6000 if kind in ("Parrot", "Tortoise") else 1300)))
    born = str(clock.today() - timedelta(days=days + 40)) if chance.random() < 0.9 else None
    pet = Pet(name=chance.choice([name for name in NAMES if name not in taken]), type=kind)
    pet.notes = chance.choice(NOTES)
    facts = {
        "born": born and born + chance.choice(("", "~")),
        "own.1": chance.choice(("female", "male")),
        "own.2": chance.choice(BREEDS[kind].split("|")) if chance.random() < 0.85 else "",
        "own.3": chance.choice(("in shelter", "in shelter", "in shelter", "reserved", "fostered")),
        "own.4": f"98511200{chance.randrange(10**7):07}" if chance.random() < 0.6 else "",
    }
    pet.set_facts(facts)
    return pet


if __name__ == "__main__":
    main()
