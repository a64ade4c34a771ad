"""Export a run as one self-contained page: it needs no network, kernel or other file. Its scripts are the board's own."""

from __future__ import annotations

import json
import os
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
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
    return write_page(path, page(packed(recording, title, most)))


def write_page(path: str | os.PathLike[str], text: str) -> Path:
    """Write a page's text as a whole or not at all; return its path."""
    path = Path(path)
    with replacing(path, "page") as part:
        part.write_bytes(text.encode())
    return path


def page(run: dict[str, Any]) -> str:
    """Return the page's text for the output of `packed`, in the current language."""
    return carrying({"tltutor-run": {**run, "words": words_of([run])}}, run["title"])


def words_of(runs: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return what a page of these runs says, in the current language; empty for English."""
    names, terms = set[str](), set[str]()
    for run in runs:
        for about in (run["about"], *run["about"].values()):
            if isinstance(about, Mapping):
                names |= {str(name).replace("_", " ") for name in about}
        names.add(str(run["about"].get("target_labels")))
        names |= set(run["points"]["classes"])
        terms |= {name.removeprefix("loss/") for name in run["series"]}
    return dictionary((*said(bundled(VIEWS / "app.js")), *SERIES, *sorted(terms), *sorted(names)))


def carrying(carried: Mapping[str, Any], title: str) -> str:
    """Return the text of a page with the board's program, and with each of these values as JSON in the element of its name."""
    board_style, style = ((VIEWS / name).read_text("utf-8") for name in ("views.css", "replay.css"))
    script = bundled(VIEWS / "app.js").replace("`STYLE`", json.dumps(board_style))
    if re.search(r"</script|<!--", script, re.IGNORECASE) or "</style" in style:
        raise ValueError(
            "a script or style must not contain its own closing tag, and one of the page does: split that string"
        )
    wait = tr(
        "{title}: this page replays a training run and needs JavaScript to draw it.", title=title
    )
    policy = _policy((style, board_style), script)
    data = {name: in_script(value) for name, value in carried.items()}
    ours = {"policy": policy, "style": style, "script": script, "carried": data}
    return rendered(PAGE, title=title, wait=wait, language=language(), **ours)


def in_script(run: Any) -> str:
    """Return JSON that is safe in a script tag: no text in it can close the tag."""
    return json.dumps(
        plain(run), separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).replace("<", "\\u003c")


def _policy(styles: Iterable[str], script: str) -> str:
    """Return the content security policy: this script, these styles and embedded images only."""
    allowed = (
        f"script-src '{_digest(script)}'",
        f"style-src {' '.join(repr(_digest(style)) for style in styles)}",
        "img-src data: blob:",
    )
    return "; ".join(("default-src 'none'", *allowed, "base-uri 'none'", "form-action 'none'"))


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
