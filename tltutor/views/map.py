"""The map in the browser: points sent once, then frame after frame of positions, no faster than the page takes them."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from traitlets import Bool, Bytes, Dict, Int, Tuple, Unicode

from tltutor.views.channel import Channel
from tltutor.views.frames import MapFrame, pack, pack_axes, pack_regions, pack_rows
from tltutor.views.gate import Gate
from tltutor.views.sprites import sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tltutor.views.frames import Box


class MapView(Channel):
    """A canvas of points: color is the class, shape the domain, positions glide from frame to frame.

    All methods may be called from any thread: a lock orders them against the answers of the browser, which arrive on another.
    `on_select(rows)` is called when points are chosen in the page, `on_drag(axis, x, y)` when the tip of an axis is dragged
    to (x, y) in map units; both on whichever thread the page's message arrives. watched: whether a page has ever shown it.
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
    axes = Bytes().tag(sync=True)  # float32 (k, 2), or empty
    regions = Bytes().tag(sync=True)  # int16 (g, g), or empty
    extent = Tuple().tag(sync=True)  # left, bottom, right, top of the regions
    chosen = Bytes().tag(sync=True)  # int32 rows of the selection
    title = Unicode("").tag(sync=True)  # of the selection
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
            self._empty()
            self.chosen, self.title = b"", ""

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
    ) -> None:
        """A frame: xy (n, 2) finite, predictions (n,) or None; it waits while two are unanswered; the latest wins.

        axes (k, 2): tips of axes in map units, which can be dragged. regions: classes (g, g), row 0 at the bottom, and their
        box (left, bottom, right, top), painted behind the points.
        """
        grid, extent = pack_regions(regions)
        frame = pack(self.about.get("n", 0), xy, step, predictions, note=note)
        frame = replace(frame, axes=pack_axes(axes), regions=grid, extent=extent)
        with self._lock:
            self._publish(self._gate.offer(frame, self._clock()))

    @property
    def selected(self) -> tuple[int, ...]:
        """The rows that are selected, by lasso or box in the page or by `select`."""
        return tuple(np.frombuffer(self.chosen, "<i4").tolist())

    def select(self, rows: Iterable[int], title: str = "") -> None:
        """Show these rows in the selection panel, under a title; no rows close it."""
        with self._lock, self.hold_sync():
            self.chosen, self.title = pack_rows(rows, self.about.get("n", 0)), title
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
        self.axes, self.regions, self.extent = b"", b"", ()

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
            self.sequence = self._gate.sequence

    def _heard(self, _: Any, content: dict[str, Any], buffers: list[memoryview]) -> None:
        kind = content.get("kind")
        self.watched = True
        if kind in ("ready", "ack", "pulse"):
            self._answered(kind, int(content.get("sequence", 0)))
        elif kind == "select":
            self._selected(content.get("rows", ()), str(content.get("title", "")))
        elif kind == "drag":
            self.on_drag(int(content["axis"]), float(content["x"]), float(content["y"]))

    def _answered(self, kind: str, sequence: int) -> None:
        with self._lock:
            if kind == "ready":
                self._gate.clear()
                self.pulse += 1  # tells the page that it is heard
            self._publish(self._gate.answered(sequence if kind == "ack" else 0, self._clock()))
            self.stalled = False

    def _selected(self, rows: Iterable[int], title: str) -> None:
        """What was chosen in the page; kept, so that a page that opens again shows it."""
        n = self.about.get("n", 0)
        with self._lock, self.hold_sync():
            self.chosen, self.title = (
                pack_rows((row for row in rows if row < n), n),
                title,
            )  # points may have changed on the way
        self.on_select(self.selected)
