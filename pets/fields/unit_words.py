"""Units of an age, and numbers in words, as people write them in some languages; folded."""

from pets.fields.text import fold, plain

# English, German, French, Spanish, Italian, Dutch, Polish, Czech.
_WORDS = {
    "years": "y yr yrs year years yo jahr jahre jahren j an ans annee annees ano anos anno anni jaar jr "
    "rok roku roky let lat lata",
    "months": "m mo mos mth mths mnth mnths mon mons month months monat monate monaten mois mes meses mese "
    "mesi maand maanden mnd mesic mesice mesicu miesiac miesiace miesiecy",
    "weeks": "w wk wks week weeks woche wochen semaine semaines semana semanas settimana settimane weken "
    "tyden tydny tydnu tydzien tygodnie tygodni",
    "days": "d day days tag tage tagen jour jours dia dias giorno giorni dag dagen den dny dnu dni dzien",
}
UNIT_WORDS = {word: unit for unit, words in _WORDS.items() for word in words.split()}

_NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split()
NUMBER_WORDS = {word: str(number) for number, word in enumerate(_NUMBERS, 1)} | {"a": "1", "an": "1"}

# Words that stand before an age, or behind it, and leave it as it is.
AGE_WORDS = ("age", "ages", "alter", "edad", "leeftijd", "wiek", "vek", "eta")


def unit_in(heading: str) -> str | None:
    """The unit that the heading of a column of ages names: "Age (mo)", "AgeMonths" and "weeks old" do."""
    words = fold(plain(heading)).split()
    squeezed = [word.removeprefix(age) for word in words for age in AGE_WORDS if word.startswith(age)]
    return next((UNIT_WORDS[word] for word in (*words, *squeezed) if word in UNIT_WORDS), None)
