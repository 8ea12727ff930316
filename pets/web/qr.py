"""Addresses as squares that a phone reads."""

import io

import segno
from markupsafe import Markup


def qr(address: str) -> Markup:
    """A QR code of an address, as a picture within the page: no style, no script, nothing to load."""
    out = io.BytesIO()
    inline = {"xmldecl": False, "svgns": False, "omitsize": True, "svgclass": "qr", "lineclass": None}
    segno.make_qr(address, error="m").save(out, kind="svg", border=2, **inline)
    return Markup(out.getvalue().decode())  # noqa: S704  digits that segno wrote
