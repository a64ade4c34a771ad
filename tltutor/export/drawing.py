"""The map drawn with Matplotlib as the board draws it: hollow circles are the source, filled triangles the target."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from textwrap import fill
from typing import Any

import numpy as np

from tltutor.export.palette import INK, QUIET, RULE, UNKNOWN, palette
from tltutor.recording import Frame, Points

MOST_NAMES = 40  # classes in a legend; for more, it gives their number instead
SIZE = (7.2, 7.0)  # inches
LETTER = (10.5, 16)  # width and height of a letter of a class's name, in the figure's pixels
LETTERS = 96  # per line of a legend


class Drawing:
    """One figure of `points` with a title, for the area `box` [left, bottom, right, top]; show(…) fills it."""

    def __init__(
        self, points: Points, title: str, box: Sequence[float], *, size: tuple[float, float] = SIZE
    ) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.points, self.title = points, title
        self.colors = palette(len(points.class_names))
        self.figure: Any = Figure(figsize=size, facecolor="white", layout="constrained")
        self.canvas: Any = FigureCanvasAgg(self.figure)
        self._prepare_axes()
        self._prepare_words()
        self._prepare_markers()
        self._add_legend()
        self._look_at(box)

    def _prepare_axes(self) -> None:
        self.axes = self.figure.add_subplot()
        self.axes.set(xticks=(), yticks=(), facecolor="white")
        for spine in self.axes.spines.values():
            spine.set_color(RULE)

    def _look_at(self, box: Sequence[float]) -> None:
        """Fix the layout of the figure, then show the box with a margin, at equal scale on both axes."""
        with quiet_fonts():
            self.figure.draw_without_rendering()
        self.figure.set_layout_engine("none")
        left, bottom, right, top = box
        frame = self.axes.get_window_extent()
        self.unit = (
            1.06 * max((right - left) / frame.width, (top - bottom) / frame.height)
            or 1 / frame.width
        )  # a pixel's
        x, y, half = (
            (left + right) / 2,
            (bottom + top) / 2,
            (self.unit * frame.width / 2, self.unit * frame.height / 2),
        )
        self.axes.set(xlim=(x - half[0], x + half[0]), ylim=(y - half[1], y + half[1]))

    def _prepare_words(self) -> None:
        plain = {"parse_math": False, "color": INK}
        self.axes.set_title(
            fill(self.title, LETTERS - 36),
            loc="left",
            fontsize=13,
            fontweight="bold",
            pad=22,
            **plain,
        )
        at = {
            "xy": (0, 1),
            "xytext": (0, 8),
            "xycoords": "axes fraction",
            "textcoords": "offset points",
        }
        self.caption = self.axes.annotate("", **at, fontsize=10, **(plain | {"color": QUIET}))
        self.names = [
            self.axes.text(
                0,
                0,
                "",
                fontsize=11,
                fontweight="bold",
                ha="center",
                va="center",
                zorder=5,
                **plain,
            )
            for _ in self.colors
        ]

    def _prepare_markers(self) -> None:
        from matplotlib.colors import to_rgba_array

        labels, is_target = self.points.labels, self.points.is_target
        colors = to_rgba_array([*self.colors, UNKNOWN])[labels]  # -1 is the last
        size = (1.5 * marker_radius(len(labels))) ** 2
        nowhere = np.zeros((len(labels), 2))
        self.source = self.axes.scatter(
            *nowhere[~is_target].T, s=size, marker="o", facecolors="none", linewidths=1.3, zorder=2
        )
        self.source.set_edgecolor(colors[~is_target])
        self.target = self.axes.scatter(
            *nowhere[is_target].T, s=1.25 * size, marker="^", linewidths=0.5, zorder=3
        )
        self.target.set(facecolor=colors[is_target], edgecolor="white")

    def _add_legend(self) -> None:
        """Add the domains' markers below the axes, and the classes' colors below them."""
        from matplotlib.lines import Line2D

        source, target = self.points.domain_names
        entries = [f"○ {_role('source', source)}", f"▲ {_role('target', target)}"]
        entries += [f"{len(self.colors)} classes"] if len(self.colors) > MOST_NAMES else []
        domains = ("        " if len("".join(entries)) < LETTERS - 30 else "\n").join(entries)
        self.axes.set_xlabel(domains, fontsize=10, color=INK, labelpad=7, parse_math=False)
        names = self.points.class_names if len(self.points.class_names) <= MOST_NAMES else ()
        marks = [
            Line2D([], [], ls="", marker="s", color=c, ms=6, label=n)
            for n, c in zip(names, self.colors, strict=False)
        ]
        columns = LETTERS // (max(map(len, names), default=0) + 7)
        about = {
            "frameon": False,
            "fontsize": 9,
            "labelcolor": INK,
            "handletextpad": 0.1,
            "columnspacing": 1.1,
        }
        legend = self.figure.legend(
            handles=marks,
            loc="outside lower center",
            ncols=max(1, min(len(marks), columns)),
            **about,
        )
        for text in legend.get_texts():
            text.set_parse_math(False)

    def show(self, xy: np.ndarray, caption: str) -> None:
        """Draw the points at xy (n, 2), with a caption."""
        self.source.set_offsets(xy[~self.points.is_target])
        self.target.set_offsets(xy[self.points.is_target])
        self.caption.set_text(caption)
        taken: list[tuple[float, float, float, float]] = []
        for text, name, (x, y, wide, sure) in zip(
            self.names, self.points.class_names, name_places(xy, self.points), strict=True
        ):
            above = y + self.unit * lift(wide / self.unit)
            shown = sure > 0.02 and _is_free(
                taken, x, above, size=(self.unit * LETTER[0] * len(name), self.unit * LETTER[1])
            )
            text.set(text=name if shown else "", x=x, y=above, alpha=sure, path_effects=_halo(sure))

    def pixels(self, dpi: int) -> np.ndarray:
        """Return the drawn figure, (h, w, 3) uint8."""
        self.figure.set_dpi(dpi)
        with quiet_fonts():
            self.canvas.draw()
        return np.asarray(self.canvas.buffer_rgba())[..., :3]


def _is_free(
    taken: list[tuple[float, float, float, float]], x: float, y: float, *, size: tuple[float, float]
) -> bool:
    """Return True if a name of this size around (x, y) covers no name in `taken`, and add it there."""
    free = all(
        abs(x - at) > (size[0] + wide) / 2 or abs(y - height) > size[1]
        for at, height, wide, _ in taken
    )
    if free:
        taken.append((x, y, *size))
    return free


def _role(role: str, name: str) -> str:
    return role if name == role else f"{role}: {name}"


def _halo(strength: float) -> list[Any]:
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=3, foreground="white", alpha=strength)]


@contextmanager
def quiet_fonts() -> Iterator[None]:
    """Draw letters that the font lacks as boxes, without a warning."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def marker_radius(n: int) -> float:
    """Return a marker's radius in the board's pixels: smaller for more points."""
    return min(max(5.6 - n / 420, 2.6), 5.4)


def lift(spread: float) -> float:
    """Return by how many of the board's pixels a name is lifted off its class: 0 where the points are spread out."""
    return (1.5 * spread + 11) * min(max((38 - spread) / 14, 0), 1)


def name_places(xy: np.ndarray, points: Points) -> list[tuple[float, float, float, float]]:
    """Return for each class the median (x, y) of its source points, their spread, and the opacity of its name.

    The opacity is 1 for a tight cluster, 0 for scattered points or a class without source points.
    """
    rows = [(points.labels == c) & ~points.is_target for c in range(len(points.class_names))]
    known = np.any(rows, axis=0) if rows else np.zeros(len(points), bool)
    whole = (_wide(xy[known]) if known.any() else 0.0) or 1.0
    return [_name_place(xy[row], whole) if row.any() else (0.0, 0.0, 0.0, 0.0) for row in rows]


def _name_place(xy: np.ndarray, whole: float) -> tuple[float, float, float, float]:
    x, y = np.median(xy, axis=0).tolist()
    return x, y, _wide(xy), float(np.clip((0.72 - _wide(xy) / whole) / 0.25, 0, 1))


def _wide(xy: np.ndarray) -> float:
    """Return the median distance from the median."""
    return float(np.median(np.hypot(*(xy - np.median(xy, axis=0)).T)))


def box_of(frames: Sequence[Frame]) -> tuple[float, float, float, float]:
    """Return the box (left, bottom, right, top) around the points of all these frames."""
    low = np.min([frame.xy.min(axis=0) for frame in frames], axis=0)
    high = np.max([frame.xy.max(axis=0) for frame in frames], axis=0)
    return (*low.tolist(), *high.tolist())


def caption_of(frame: Frame) -> str:
    """Return the step and the accuracies as text."""
    accuracies = [
        f"{name.removesuffix('_accuracy')} accuracy {frame.numbers[name]:.3f}"
        for name in ("target_accuracy", "source_accuracy")
        if name in frame.numbers
    ]
    return " · ".join([f"step {frame.step:,}", *accuracies])


def alternative(points: Points, frame: Frame, title: str) -> str:
    """Return a text alternative of the picture."""
    judged = points.labels >= 0
    wrong = int((frame.predictions[judged] != points.labels[judged]).sum())
    targets = int(points.is_target.sum())
    return (
        f"Map of the features of {len(points)} points, {len(points) - targets} source (hollow circles) and"
        f" {targets} target (filled triangles), in {len(points.class_names)} classes by color; {title}; {caption_of(frame)};"
        f" {wrong} of {int(judged.sum())} labeled points are predicted wrongly."
    )
