"""An address as a QR code (ISO/IEC 18004): the outline of its dark modules, for an SVG path in any page."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from tltutor.views.markup import Markup, tag

BORDER = 4  # light modules around it, as the standard asks


class QR(NamedTuple):
    """A square of `size` modules, and the path of the dark ones in it."""

    size: int
    path: str


@lru_cache(maxsize=16)
def qr_of(address: str) -> QR:
    """Return the QR code of an address. Errors: ImportError if segno is not installed."""
    from tltutor.classroom.needs import needed

    code = needed("segno").make_qr(address, error="m")
    rows = [bytes(row) for row in code.matrix_iter(border=BORDER)]
    dark = (
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, module in enumerate(row) if module
    )
    return QR(len(rows), "".join(dark))


def drawn(code: QR, name: str, pixels: int = 220) -> Markup:
    """Return the code as an SVG of this many pixels; name: what a screen reader says."""
    area = str(code.size)
    ground = tag("rect", width=area, height=area, fill="#fff")
    dark = tag("path", d=code.path, fill="#000")
    box = {"viewBox": f"0 0 {area} {area}", "width": str(pixels), "height": str(pixels)}
    return tag(
        "svg", ground, dark, role="img", aria_label=name, shape_rendering="crispEdges", **box
    )
