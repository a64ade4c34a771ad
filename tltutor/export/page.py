"""Export a run as one self-contained page: it needs no network, kernel or other file. Its scripts are the board's own."""

from __future__ import annotations

import json
import os
import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

from tltutor import views
from tltutor.export.packing import packed, plain
from tltutor.files import replacing
from tltutor.language import dictionary, language, tr
from tltutor.recording import Recording
from tltutor.templates import rendered
from tltutor.views.curves import SERIES
from tltutor.views.modules import bundled, said

VIEWS = Path(views.__file__).parent
PAGE = Path(__file__).with_name("page.html.j2")


def replay_html(
    recording: Recording, path: str | os.PathLike[str], title: str | None = None, *, most: int = 600
) -> Path:
    """Write the page that replays the recording; return its path.

    It opens from file:// and loads nothing: its content security policy allows only its own script and style.
    Of more than `most` frames, every second, third … is kept, and the page says so.
    Errors: ValueError for a recording without a frame; OSError.
    """
    path = Path(path)
    text = page(packed(recording, title, most))
    with replacing(path, "page") as part:
        part.write_bytes(text.encode())
    return path


def page(run: dict[str, Any]) -> str:
    """Return the page's text for the output of `packed`, in the current language."""
    style, script = _style(), bundled(VIEWS / "replay.js")
    if re.search(r"</script|<!--", script, re.IGNORECASE) or "</style" in style:
        raise ValueError(
            "a script or style must not contain its own closing tag, and one of the page does: split that string"
        )
    names = {
        name.replace("_", " ")
        for about in (run["about"], *run["about"].values())
        if isinstance(about, dict)
        for name in about
    }
    terms = [name.removeprefix("loss/") for name in run["series"]]
    data = in_script({**run, "words": dictionary((*said(script), *SERIES, *terms, *sorted(names)))})
    wait = tr(
        "{title}: this page replays a training run and needs JavaScript to draw it.",
        title=run["title"],
    )
    ours = {"policy": _policy(style, script), "style": style, "script": script, "data": data}
    return rendered(PAGE, title=run["title"], wait=wait, language=language(), **ours)


def in_script(run: dict[str, Any]) -> str:
    """Return JSON that is safe in a script tag: no text in it can close the tag."""
    return json.dumps(
        plain(run), separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).replace("<", "\\u003c")


def _style() -> str:
    return "\n".join((VIEWS / name).read_text("utf-8") for name in ("views.css", "replay.css"))


def _policy(style: str, script: str) -> str:
    """Return the content security policy: this script, this style and embedded images only."""
    allowed = (
        f"script-src '{_digest(script)}'",
        f"style-src '{_digest(style)}'",
        "img-src data: blob:",
    )
    return "; ".join(("default-src 'none'", *allowed, "base-uri 'none'", "form-action 'none'"))


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
