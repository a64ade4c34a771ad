"""A page for passers-by: it begins anew once nobody has touched it for a while."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
from ipykernel import get_connection_file
from traitlets import Float, Unicode

from tltutor.language import tr


class Kiosk(anywidget.AnyWidget):
    """Load the page anew after `idle` seconds without a touch, and say so in its last seconds; in Voila that starts a new kernel.

    A page that nobody has touched since it was loaded stays as it is.
    """

    _esm = Path(__file__).with_name("kiosk.js")
    _css = Path(__file__).with_name("kiosk.css")
    idle = Float(120.0).tag(sync=True)  # seconds
    words = Unicode().tag(sync=True)
    kernel = Unicode().tag(sync=True)  # its id on the server

    def __init__(self, idle: float = 120.0, **options: Any) -> None:
        words = tr("This page begins anew in {seconds} s. Touch it to go on.", seconds="{seconds}")
        super().__init__(idle=idle, words=words, kernel=kernel_id(), **options)


def kernel_id() -> str:
    """Return the id that the server knows this kernel by, "" outside a kernel."""
    try:
        return Path(get_connection_file()).stem.removeprefix("kernel-")
    except RuntimeError:
        return ""
