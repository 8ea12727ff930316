"""The names of the months, in English, German, French, Spanish, Italian, Dutch, Polish and Czech."""

from pets.fields.text import fold

# One line a month, folded; after each name the shorter ones that are also in use.
_NAMES = """
january jan januar janner janvier janv enero ene gennaio gen januari stycznia styczen sty ledna leden led
february feb februar februari fevrier fevr fev febrero febbraio lutego luty lut unora unor uno
march mar marz mrz mars marzo maart mrt marca marzec brezna brezen bre
april apr avril avr abril abr aprile kwietnia kwiecien kwi dubna duben dub
may mai mayo maggio mag mei maja maj kvetna kveten kve
june jun juni juin junio giugno giu czerwca czerwiec cze cervna cerven cvn
july jul juli juillet juil julio luglio lug lipca lipiec lip cervence cervenec cvc
august aug aout agosto ago augustus sierpnia sierpien sie srpna srpen srp
september sep sept septembre septiembre settembre set wrzesnia wrzesien wrz zari zar
october oct oktober okt octobre octubre ottobre ott pazdziernika pazdziernik paz rijna rijen rij
november nov novembre noviembre listopada listopad lis
december dec dezember dez decembre diciembre dic dicembre grudnia grudzien gru prosince prosinec pro
"""
_NUMBERS = {
    name: number for number, line in enumerate(_NAMES.strip().splitlines(), 1) for name in line.split()
}

MONTH = f"(?:{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"  # for a text that is folded


def month_of(name: str) -> int:
    """The number of a month, by a name that MONTH matches."""
    return _NUMBERS[fold(name)]
