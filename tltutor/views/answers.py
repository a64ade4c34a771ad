"""What a question is answered with: options to choose from, a number to type, a curve to draw. They judge nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import anywidget
import ipywidgets as w
import traitlets

from tltutor.language import tr

_HERE = Path(__file__).parent
Heard = Callable[[], None]


class Field(Protocol):
    """An answer's widget; `value` is None until there is an answer, `kind` a class name for the page."""

    kind: str
    widget: w.DOMWidget

    @property
    def value(self) -> Any: ...

    def show(self, value: Any) -> None: ...

    def lock(self) -> None: ...

    def listen(self, heard: Heard) -> None: ...


class Options:
    """Radio buttons, of which at first none is chosen; `options`: (label, key), the key is the value."""

    kind = "options"

    def __init__(self, options: Sequence[tuple[str, str]]) -> None:
        self.widget = w.RadioButtons(
            options=list(options), value=None, layout=w.Layout(width="auto")
        )

    @property
    def value(self) -> str | None:
        """The key that is chosen."""
        chosen: str | None = self.widget.value
        return chosen

    def show(self, value: str) -> None:
        """Choose this key."""
        self.widget.value = value

    def relabel(self, options: Sequence[tuple[str, str]]) -> None:
        """Other labels for the same keys."""
        index = self.widget.index
        with self.widget.hold_sync():
            self.widget.options = list(options)
            self.widget.index = index

    def lock(self) -> None:
        """No other choice from now on."""
        self.widget.disabled = True

    def listen(self, heard: Heard) -> None:
        """Call `heard` when another option is chosen."""
        self.widget.observe(lambda _: heard(), "value")


class Number:
    """A number to type, between two bounds; what is none, or lies outside, is no answer yet."""

    kind = "number"

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high
        self.widget = w.Text(placeholder=f"{low:g} … {high:g}", layout=w.Layout(width="12em"))
        self.widget.description, self.widget.tooltip = (
            "",
            tr("A number between {low} and {high}", low=low, high=high),
        )

    @property
    def value(self) -> float | None:
        """The number; "35 %" is .35."""
        text = str(self.widget.value).strip().replace(",", ".").replace("−", "-")
        share = text.endswith("%")
        try:
            number = float(text.rstrip("% ")) / (100 if share else 1)
        except ValueError:
            return None
        return number if math.isfinite(number) and self.low <= number <= self.high else None

    def show(self, value: float) -> None:
        """Write this number."""
        self.widget.value = f"{value:g}"

    def lock(self) -> None:
        """No other number from now on."""
        self.widget.disabled = True

    def listen(self, heard: Heard) -> None:
        """Call `heard` when something else is typed."""
        self.widget.observe(lambda _: heard(), "value")


class SketchPad(anywidget.AnyWidget):
    """A curve over a few places of x, drawn with the mouse or point by point with the arrow keys; `truth` is drawn over it."""

    _esm = (_HERE / "sketch.js").read_text("utf-8")
    _css = (_HERE / "sketch.css").read_text("utf-8")
    xs = traitlets.List(traitlets.Float()).tag(sync=True)
    values = traitlets.List(traitlets.Float(allow_none=True)).tag(sync=True)
    truth = traitlets.List(traitlets.List(traitlets.Float())).tag(
        sync=True
    )  # (x, y) of the learner's own run
    bounds = traitlets.List(traitlets.Float()).tag(sync=True)  # y from, y to
    words = traitlets.Dict().tag(sync=True)
    locked = traitlets.Bool().tag(sync=True)


class Sketch:
    """A curve to draw: one y for each of the xs; an answer when every place has one."""

    kind = "sketch"

    def __init__(
        self, xs: Sequence[float], bounds: tuple[float, float], words: dict[str, str]
    ) -> None:
        pad = {
            "xs": [float(x) for x in xs],
            "values": [None] * len(xs),
            "bounds": [float(b) for b in bounds],
        }
        self.widget = SketchPad(**pad, words=words)

    @property
    def value(self) -> list[float] | None:
        """The y at each x."""
        values: list[float | None] = list(self.widget.values)
        drawn = [v for v in values if v is not None and math.isfinite(v)]
        low, high = self.widget.bounds
        return (
            [min(max(v, low), high) for v in drawn] if len(drawn) == len(self.widget.xs) else None
        )

    def show(self, value: Sequence[float]) -> None:
        """Draw this curve."""
        curve: list[Any] = [float(v) for v in value]
        self.widget.values = curve

    def compare(self, truth: Sequence[tuple[float, float]]) -> None:
        """Draw what the run did over it."""
        self.widget.truth = [[float(x), float(y)] for x, y in truth]

    def lock(self) -> None:
        """No other curve from now on."""
        self.widget.locked = True

    def listen(self, heard: Heard) -> None:
        """Call `heard` when the curve changes."""
        self.widget.observe(lambda _: heard(), "values")
