"""A board's recording as files for a person at a page: made beside the training, told how far, then handed over."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tltutor.recording import Recording
    from tltutor.views.foot import FootView


class Sharing:
    """Makes one file at a time in a thread of its own; what goes wrong there is told to `on_error`."""

    def __init__(self, foot: FootView, on_error: Callable[[BaseException], None]) -> None:
        self._foot, self._on_error = foot, on_error
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def make(self, recording: Recording, kind: str, *, frame: int = -1, name: str = "run") -> bool:
        """Begin a file of this kind, "png", "svg", "gif" or "html"; False while another is made. frame: the picture's."""
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return False
            self._foot.show_progress(kind, 0, 0)
            self._thread = threading.Thread(
                target=self._run,
                args=(recording, kind, frame, name),
                name="tltutor-share",
                daemon=True,
            )
            self._thread.start()
        return True

    def wait(self, timeout: float | None = None) -> None:
        """Wait until nothing is being made."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)

    def _run(self, recording: Recording, kind: str, frame: int, name: str) -> None:
        from tltutor.export import export

        try:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, f"{name}.{kind}")
                export(
                    recording,
                    path,
                    frame=frame,
                    on_progress=lambda done, total: self._foot.show_progress(kind, done, total),
                )
                self._foot.hand_over(path.name, path.read_bytes())
        except Exception as error:  # noqa: BLE001  nothing may be lost in a thread
            self._on_error(error)
        finally:
            self._foot.show_progress("", 0, 0)
