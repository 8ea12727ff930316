"""What people head the columns of their lists with, likeliest first, in some languages.

Each is compared without case, accents, spaces, and words that only say it is about an animal: see
`pets/imports/headings.py`. Here stands no "pet name" and no "date_of_birth".
"""

from pets.fields.unit_words import AGE_WORDS, UNIT_WORDS

# The words that say no more than that it is about an animal, as a heading begins or ends with them.
ABOUT_ANIMALS = tuple(
    "animals animal pets pet dogs dog cats cat ofanimal oftheanimal ofpet ofthepet tieres destieres tier "
    "dier delanimal delanimale zwierzecia zvirete".split()
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.replace("\n", " ").split(","))


NAME = {
    "name": _words(
        """name, called, rufname, nom, nombre, nome, naam, roepnaam, imie, jmeno, pet, animal, tier, dier"""
    )
}
TYPE = {
    "type": _words(
        """type, species, kind, kind of, tierart, art, espece, especie, specie, soort, diersoort, gatunek,
        druh, typ, tipo, animal, pet"""
    )
}
_AGES = (
    *AGE_WORDS,
    *("years", "years old", "how old", "old", "months", "weeks", "months old", "weeks old", "current age"),
    *("age upon intake", "age at intake", "age upon outcome", "age at outcome", "age on arrival"),
    *(f"{age}{between}{unit}" for age in AGE_WORDS for between in ("", "in") for unit in UNIT_WORDS),
    *(f"{unit} old" for unit in UNIT_WORDS),
)
BORN = {
    "born": _words(
        """born, born on, birth date, birthdate, date of birth, dob, d o b, birthday, birth day, date born,
        birth, birth year, year of birth, year born, geburtsdatum, geburtstag, geboren, geboren am,
        gebdatum, date de naissance, naissance, ne le, fecha de nacimiento, fecha nacimiento,
        nacimiento, data di nascita, nascita, geboortedatum, data urodzenia, urodzony, datum narozeni,
        narozeni, narozen, narozena"""
    ),
    "age": _AGES,
    "estimated": _words("estimated, born estimated, estimate, approximate, about, dob estimated, geschatzt"),
}
NOTES = {
    "notes": _words(
        """notes, note, comments, comment, remarks, remark, description, details, bemerkung, bemerkungen,
        notiz, notizen, anmerkung, anmerkungen, kommentar, commentaire, commentaires, remarque, remarques,
        notas, observaciones, comentarios, osservazioni, opmerking, opmerkingen, notities, uwagi, notatki,
        poznamka, poznamky"""
    )
}

# What no field of every register is of. In a list of dogs it stands where others have the type.
BREED = _words("breed, rasse, race, raza, razza, ras, rasa, plemeno")

# What own fields of one of these names are headed with in other lists, too.
_ALSO = (
    BREED,
    *(
        _words(same)
        for same in (
            "sex, gender, geschlecht, sexe, sexo, sesso, geslacht, plec, pohlavi",
            "colour, color, coat colour, coat color, farbe, couleur, colore, kleur, barva",
            "microchip number, microchip, chip number, chip, microchip no, chip no, chipnummer, transponder",
            "place, location, kennel, cage, where",
            "owner, owner name, name of owner, besitzer, halter, proprietaire, eigenaar",
        )
    ),
)


def also_headed(label: str) -> tuple[str, ...]:
    """What else people head the column with; `label`: of an own field, plain."""
    return next((same for same in _ALSO if label in same), ())
