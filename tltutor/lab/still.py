"""What is left of a board where no kernel answers: a sentence that says what to run, and a picture of the last frame."""

from __future__ import annotations

import base64
import io
import tempfile
import threading
from collections.abc import Callable, Sequence
from functools import partial
from operator import is_
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tltutor.language import tr
from tltutor.views.markup import Markup, tag
from tltutor.views.still import Still, with_still

if TYPE_CHECKING:
    from tltutor.lab.run import Run
    from tltutor.recording import Frame, Recording
    from tltutor.training import Session
    from tltutor.views.front import Front

RESTS = (
    2  # heartbeats, about a second each, for which a board has rested before its picture is drawn
)
WIDTH, COLORS = 720, 64  # a saved notebook carries the picture: about 40 KB


def sentence(session: Session) -> str:
    """Say which run a board showed and how to bring it back."""
    return tr(
        "Board: {pair}, {objective}, step {step} of {steps}. Run this cell again to go on.",
        pair=session.pair.name,
        objective=session.objective.name,
        step=f"{session.step_number:,}",
        steps=f"{session.steps:,}",
    )


def picture_of(recording: Recording) -> str | None:
    """The recording's last frame as a PNG in base64; None where no frame can be drawn."""
    if not any(np.isfinite(frame.xy).all() for frame in recording.frames):
        return None
    from PIL import Image

    from tltutor.export import picture  # draws with matplotlib, which a board does not need

    with tempfile.TemporaryDirectory() as folder:
        image = Image.open(picture(recording, Path(folder) / "frame.png")).convert("RGB")
    image.thumbnail((WIDTH, WIDTH))
    small = io.BytesIO()
    image.quantize(COLORS).save(small, "png", optimize=True)
    return base64.b64encode(small.getvalue()).decode("ascii")


class StillOfRuns:
    """The still of a board's runs, in an output of its own: drawn anew, beside the training, when the board has come to rest.

    runs(): those that the board shows.
    """

    def __init__(self, runs: Callable[[], Sequence[Run]]) -> None:
        self._runs = runs
        self._still: Still | None = None
        self._rests = 0
        self._seen: tuple[Frame, ...] = ()
        self._drawn: tuple[Frame, ...] = ()
        self._thread: threading.Thread | None = None

    def beside(self, front: Front, **options: Any) -> Any:
        """The board's mimebundle, its still put before it; where there is no notebook, the still is in the bundle."""
        runs, widget = self._runs(), front._repr_mimebundle_(**options)
        still, self._drawn = Still(front.key), self._last()
        if still.show(*self._inside(runs)):
            self._still = still
            return with_still(widget, runs[0].session.pair.name)
        text = "\n".join(sentence(run.session) for run in runs)
        return with_still(widget, text, image=picture_of(runs[0].recording))

    def on_heartbeat(self, *, rests: bool) -> None:
        """About once a second, and whenever a run's state changes; rests: nothing trains."""
        before, self._seen = self._seen, self._last()
        self._rests = self._rests + 1 if rests and same(before, self._seen) else 0
        still, busy = self._still, self._thread is not None and self._thread.is_alive()
        if still is None or busy or self._rests < RESTS or same(self._seen, self._drawn):
            return
        self._drawn = self._seen
        draw = partial(self._draw, still)
        self._thread = threading.Thread(target=draw, name="tltutor-still", daemon=True)
        self._thread.start()

    def _last(self) -> tuple[Frame, ...]:
        """The last frame of each run."""
        return tuple(frame for run in self._runs() for frame in run.recording.frames[-1:])

    def _draw(self, still: Still) -> None:
        still.update(*self._inside(self._runs()))

    def _inside(self, runs: Sequence[Run]) -> list[Markup]:
        """A sentence and a picture of each run."""
        found = []
        for run in runs:
            found.append(tag("p", sentence(run.session)))
            if image := picture_of(run.recording):
                source = f"data:image/png;base64,{image}"
                found.append(tag("img", src=source, alt=tr("The map at its last frame")))
        return found


def same(some: Sequence[Frame], others: Sequence[Frame]) -> bool:
    """Whether these are the same frames."""
    return len(some) == len(others) and all(map(is_, some, others))
