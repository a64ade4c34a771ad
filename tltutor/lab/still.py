"""What is left of a board where no kernel answers: a sentence that says what to run, and a picture of the last frame."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tltutor.language import tr

if TYPE_CHECKING:
    from tltutor.recording import Recording
    from tltutor.training import Session


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
    """The recording's last frame as a PNG in base64; None before the first frame."""
    if not recording.frame_count:
        return None
    from tltutor.export import picture  # draws with matplotlib, which a board does not need

    with tempfile.TemporaryDirectory() as folder:
        path = picture(recording, Path(folder) / "frame.png")
        return base64.b64encode(path.read_bytes()).decode("ascii")


def with_still(widget: Any, text: str, image: str | None) -> Any:
    """A widget's mimebundle (or a bundle with its metadata) in which text and image stand for it where it cannot live."""
    bundle, *metadata = widget if isinstance(widget, tuple) else (widget,)
    bundle = {**bundle, "text/plain": text} | ({} if image is None else {"image/png": image})
    return (bundle, *metadata) if metadata else bundle
