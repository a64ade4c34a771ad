"""The map in the browser: points sent once, then frame after frame of positions, no faster than the page takes them."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from traitlets import Bool, Bytes, Dict, Int, Tuple, Unicode

from tltutor.views.channel import Channel
from tltutor.views.frames import MapFrame, pack, pack_axes, pack_lines, pack_regions, pack_rows
from tltutor.views.gate import Gate
from tltutor.views.sprites import sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tltutor.views.frames import Box


@dataclass(frozen=True, eq=False)
class Nearby:
    """A point's nearest source points, by their rows (k,), and its distances to all points (n,), in feature space."""

    rows: np.ndarray
    distances: np.ndarray


class MapView(Channel):
    """A canvas of points: color is the class, shape the domain, positions glide from frame to frame.

    All methods may be called from any thread: a lock orders them against the answers of the browser, which arrive on another.
    `on_select(rows)` is called when points are chosen in the page, `on_drag(axis, x, y)` when the tip of an axis is dragged
    to (x, y) in map units, `on_near(row)` when a point is looked at and its neighbors are asked for; all on whichever thread
    the page's message arrives. watched: whether a page has ever shown it.
    """

    about = Dict().tag(
        sync=True
    )  # n, class and domain names, layout of the sprite sheet, width of a vector
    version = Int(0).tag(sync=True)  # rises with every set of points
    labels = Bytes().tag(sync=True)  # int16 (n,), -1 where a point has no label
    is_target = Bytes().tag(sync=True)  # uint8 (n,)
    sprites = Bytes().tag(sync=True)  # PNG
    vectors = Bytes().tag(sync=True)  # float32 (n, d), where the points are no images
    xy = Bytes().tag(sync=True)  # float32 (n, 2)
    predictions = Bytes().tag(sync=True)  # int16 (n,), or empty
    values = Bytes().tag(sync=True)  # float32 (k, n), a row for each of value_names
    value_names = Tuple().tag(sync=True)
    axes = Bytes().tag(sync=True)  # float32 (k, 2), or empty
    laid_out = Int(0).tag(sync=True)  # points that the map lays out, the others beside them; 0: all
    regions = Bytes().tag(sync=True)  # int16 (g, g), or empty
    extent = Tuple().tag(sync=True)  # left, bottom, right, top of the regions
    lines = Bytes().tag(sync=True)  # float32 (k, 3), or empty
    chosen = Bytes().tag(sync=True)  # int32 rows of the selection
    title = Unicode("").tag(sync=True)  # of the selection, in English
    title_values = Dict().tag(sync=True)  # that fill its places once it is translated
    asked = Int(0).tag(sync=True)  # rises with every select() of Python's
    group = Unicode("").tag(
        sync=True
    )  # maps of one page with the same name link hover and selection
    view = Dict().tag(
        sync=True
    )  # switches, hidden classes and zoom, as the page told them; a page that opens again takes them over
    presenter = Bool(False).tag(sync=True)  # larger markers, names and text
    step = Int(0).tag(sync=True)
    note = Unicode("").tag(sync=True)
    sequence = Int(0).tag(sync=True)
    pulse = Int(0).tag(sync=True)
    playing = Bool(False).tag(sync=True)
    stalled = Bool(False).tag(sync=True)

    def __init__(
        self,
        *,
        group: str = "",
        presenter: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._gate: Gate[MapFrame] = Gate()
        self.on_select: Callable[[tuple[int, ...]], None] = lambda _: None
        self.on_drag: Callable[[int, float, float], None] = lambda *_: None
        self.on_near: Callable[[int], Nearby | None] = lambda _: None
        self.watched = False
        super().__init__(group=group, presenter=presenter)
        self.on_msg(self._heard)

    def set_points(
        self,
        labels: Sequence[int] | np.ndarray,
        is_target: Sequence[bool] | np.ndarray,
        images: np.ndarray | None = None,
        *,
        class_names: Sequence[str] = (),
        domain_names: Sequence[str] = ("source", "target"),
    ) -> None:
        """The points, once: labels (n,), -1 for none; is_target (n,); images (n, c, h, w), vectors (n, d), sentences (n,) or None."""
        labels, is_target = np.asarray(labels), np.asarray(is_target)
        about, pictures = self._describe(labels, is_target, images)
        names = [str(name) for name in class_names] or [
            str(i) for i in range(int(labels.max(initial=-1)) + 1)
        ]
        about |= {"classes": names, "domains": [str(name) for name in domain_names]}
        with self._lock, self.hold_sync():
            self._gate.clear()
            self._gate.waiting = None
            self.about, self.version = about, self.version + 1
            self.labels, self.is_target = (
                labels.astype("<i2").tobytes(),
                is_target.astype("u1").tobytes(),
            )
            self.sprites, self.vectors = pictures
            self.told = tuple(dict.fromkeys((*self.told, *names)))
            self._empty()
            self.chosen, self.title, self.title_values = b"", "", {}
        self.tell_words()

    @staticmethod
    def _describe(
        labels: np.ndarray, is_target: np.ndarray, images: np.ndarray | None
    ) -> tuple[dict[str, Any], tuple[bytes, bytes]]:
        n = len(labels)
        if (
            labels.ndim != 1
            or is_target.shape != labels.shape
            or (images is not None and len(images) != n)
        ):
            shapes = f"{labels.shape}, {is_target.shape} and {None if images is None else np.shape(images)}"
            raise ValueError(
                f"labels, is_target and images must have a row a point, got shapes {shapes}: take the same rows"
            )
        if images is not None and np.ndim(images) == 4:
            png, columns, width, height = sheet(np.asarray(images))
            return {"n": n, "tile": [columns, width, height]}, (png, b"")
        if images is not None and np.ndim(images) == 1:
            return {"n": n, "texts": [str(text) for text in images]}, (b"", b"")
        if images is None or np.ndim(images) != 2:
            return {"n": n}, (b"", b"")
        vectors = np.asarray(images)[:, :8].astype(
            "<f4"
        )  # a tooltip has room for a few coordinates
        return {"n": n, "width": vectors.shape[1]}, (b"", vectors.tobytes())

    def send(
        self,
        xy: np.ndarray,
        step: int,
        predictions: np.ndarray | None = None,
        note: str = "",
        *,
        axes: np.ndarray | None = None,
        regions: tuple[np.ndarray, Box] | None = None,
        lines: np.ndarray | None = None,
    ) -> None:
        """A frame: xy (n, 2) finite, predictions (n,) or None; it waits while two are unanswered; the latest wins.

        axes (k, 2): tips of axes in map units, which can be dragged. regions: classes (g, g), row 0 at the bottom, and their
        box (left, bottom, right, top), painted behind the points. lines (k, 3): a source row, a target row and a share of the
        mass each, for a transport plan.
        """
        grid, extent = pack_regions(regions)
        frame = pack(self.about.get("n", 0), xy, step, predictions, note=note)
        frame = replace(frame, axes=pack_axes(axes), regions=grid, extent=extent)
        frame = replace(frame, lines=pack_lines(lines, self.about.get("n", 0)))
        with self._lock:
            self._publish(self._gate.offer(frame, self._clock()))

    @property
    def selected(self) -> tuple[int, ...]:
        """The rows that are selected, by lasso or box in the page or by `select`."""
        return tuple(np.frombuffer(self.chosen, "<i4").tolist())

    def show_values(self, values: Mapping[str, np.ndarray]) -> None:
        """What is known of each point, by name: numbers (n,), NaN where unknown; they stay until others are shown."""
        n = self.about.get("n", 0)
        wrong = [name for name, row in values.items() if np.shape(row) != (n,)]
        if wrong:
            raise ValueError(
                f"{wrong[0]} must be ({n},), got {np.shape(values[wrong[0]])}: send one number a point"
            )
        told = b"".join(np.asarray(row, "<f4").tobytes() for row in values.values())
        with self._lock, self.hold_sync():
            self.values, self.value_names = told, tuple(values)

    def show_class_map(self, row: int, label: int, found: np.ndarray) -> None:
        """Show where the image of this point speaks for a class: (h, w) uint8, 255 where most does."""
        said = {"kind": "class-map", "row": row, "label": label, "shape": list(found.shape)}
        self.say(said, [np.ascontiguousarray(found, np.uint8).tobytes()])

    def show_words(self, row: int, label: int, spans: np.ndarray, shares: np.ndarray) -> None:
        """Show which words of this point's text speak for a class: where they stand, (k, 2), and how much each does, (k,) -1..1."""
        said = {"kind": "words", "row": row, "label": label}
        said |= {"spans": spans.tolist(), "shares": [round(float(share), 3) for share in shares]}
        self.say(said, [])

    def select(self, rows: Iterable[int], title: str = "", **values: Any) -> None:
        """Show these rows in the selection panel, under a title; no rows close it.

        title: English that is `told`, which the page translates before the values fill its places, or a title of one's own.
        """
        with self._lock, self.hold_sync():
            self.chosen = pack_rows(rows, self.about.get("n", 0))
            self.title, self.title_values = title, values
            self.asked += 1

    def keep_alive(self) -> None:
        """A sign of life, to be given about once a second while playing; it finds out whether the browser answers."""
        with self._lock:
            now = self._clock()
            frame = self._gate.ping(now)
            self.stalled = self._gate.stalled(now)
            self.pulse += 1
            self._publish(frame)

    def show_playing(self, *, playing: bool) -> None:
        """Whether frames are to be expected; only then is their absence worth a word."""
        with self._lock:
            self.playing = playing

    def clear_frame(self) -> None:
        """Back to the empty state, with the same points."""
        with self._lock, self.hold_sync():
            self._gate.waiting = None
            self._empty()
            self.sequence = self._gate.sequence = self._gate.sequence + 1

    def _empty(self) -> None:
        self.xy, self.predictions, self.step, self.note = b"", b"", 0, ""
        self.axes, self.regions, self.extent, self.lines = b"", b"", (), b""
        self.values, self.value_names = b"", ()

    def _publish(self, frame: MapFrame | None) -> None:
        if frame is None:
            return
        with self.hold_sync():
            self.xy, self.predictions, self.step, self.note = (
                frame.xy,
                frame.predictions,
                frame.step,
                frame.note,
            )
            self.axes, self.regions, self.extent = frame.axes, frame.regions, frame.extent
            self.lines = frame.lines
            self.sequence = self._gate.sequence

    def _heard(self, _: Any, content: dict[str, Any], buffers: list[memoryview]) -> None:
        kind = content.get("kind")
        self.watched = True
        if kind in ("ready", "ack", "pulse"):
            self._answered(kind, int(content.get("sequence", 0)))
        elif kind == "select":
            title = str(content.get("title", "")), dict(content.get("values") or {})
            self._selected(content.get("rows", ()), *title)
        elif kind == "drag":
            self.on_drag(int(content["axis"]), float(content["x"]), float(content["y"]))
        elif kind == "near":
            self._tell_near(int(content["row"]))

    def _answered(self, kind: str, sequence: int) -> None:
        with self._lock:
            if kind == "ready":
                self._gate.clear()
                self.pulse += 1  # tells the page that it is heard
            self._publish(self._gate.answered(sequence if kind == "ack" else 0, self._clock()))
            self.stalled = False

    def _tell_near(self, row: int) -> None:
        """Answer with a point's neighbors, where they are known."""
        near = self.on_near(row)
        if near is not None:
            said = {"kind": "near", "row": row, "rows": near.rows.tolist()}
            self.say(said, [np.asarray(near.distances, "<f4").tobytes()])

    def _selected(self, rows: Iterable[int], title: str, values: dict[str, Any]) -> None:
        """What was chosen in the page; kept, so that a page that opens again shows it."""
        n = self.about.get("n", 0)
        with self._lock, self.hold_sync():
            self.chosen = pack_rows((row for row in rows if row < n), n)  # points may have changed
            self.title, self.title_values = title, values
        self.on_select(self.selected)
