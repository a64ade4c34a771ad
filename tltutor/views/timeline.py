"""The timeline: a slider over the recorded frames, live at its right end; the browser owns its place."""

from __future__ import annotations

from pathlib import Path

import anywidget
from traitlets import Int

_HERE = Path(__file__).parent


class TimelineView(anywidget.AnyWidget):
    """`length` frames are recorded; `position` is the one looked at, -1 while live; only the learner moves it."""

    _esm = _HERE / "timeline.js"
    _css = _HERE / "views.css"
    length = Int(0).tag(sync=True)
    position = Int(-1).tag(sync=True)

    def __init__(self) -> None:
        super().__init__()
        self.add_class("tlt-timeline-widget")
