"""Many runs as one page whose sliders choose between them; it trains nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tltutor.export.packing import few, packed
from tltutor.export.page import carrying, words_of, write_page
from tltutor.export.shown import frames_of, points_of, title_of
from tltutor.language import LANGUAGES, language, writing
from tltutor.recording import Recording
from tltutor.recording.happenings import Happening
from tltutor.recording.happenings import title_of as title_of_happening
from tltutor.settings import Setting
from tltutor.views.controls import row


@dataclass(frozen=True)
class Axis:
    """A slider of the page: a setting, and its values that were recorded, in order."""

    setting: Setting
    values: tuple[Any, ...]


def grid_html(
    runs: Sequence[tuple[Sequence[int], Recording]],
    axes: Sequence[Axis],
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    most: int = 60,
) -> Path:
    """Write the page on which these runs are chosen by sliders; return its path.

    runs: each with the place of its value on every axis. All places must be taken, each once; the page opens with the
    first run. Points that runs share are stored once. Of a run with more than `most` frames, every second, third … is kept.
    Like a page of one run it loads nothing, in both languages. Errors: ValueError for a run without a frame; OSError.
    """
    head = title or title_of(points_of(runs[0][1]))
    with writing("en"):  # the page translates it
        packs = [packed(recording, head, most) for _, recording in runs]
    words = {name: _words(name, packs, axes) for name in LANGUAGES}
    sets: list[str] = []  # of points, as JSON; each is stored once
    listed = []
    for (at, recording), pack in zip(runs, packs, strict=True):
        points = json.dumps(pack.pop("points"))
        sets += [points] if points not in sets else []
        accuracy = frames_of(recording)[-1].numbers.get("target_accuracy")
        listed.append({"at": list(at), "points": sets.index(points), "accuracy": few(accuracy)})
    about = {
        "title": head,
        "language": language(),
        "words": words,
        "axes": [{"name": axis.setting.name, "values": list(axis.values)} for axis in axes],
        "rows": _rows("en", axes),
        "points": [json.loads(points) for points in sets],
        "runs": listed,
        "first": 0,
    }
    carried = {f"tltutor-run-{k}": pack for k, pack in enumerate(packs)}
    return write_page(path, carrying({"tltutor-grid": about, **carried}, head))


def _rows(name: str, axes: Sequence[Axis]) -> list[dict[str, Any]]:
    """Return the sliders in this language; each has a step for each recorded value and no other."""
    with writing(name):
        return [_acting(axis) for axis in axes]


def _acting(axis: Axis) -> dict[str, Any]:
    known = row(axis.setting, *axis.values)
    if axis.setting.scale == "switch":
        return {**known, "acts": True}
    if axis.setting.scale == "choice":
        choices = [choice for choice in known["choices"] if choice[1] in axis.values]
        return {**known, "choices": choices, "acts": True}
    return {**known, "steps": list(axis.values), "acts": True}


def _words(name: str, packs: Sequence[Mapping[str, Any]], axes: Sequence[Axis]) -> dict[str, str]:
    """Return the translations of all that the page says into this language; empty for English."""
    with writing(name):
        words = words_of(packs)
        for pack in packs:
            for kind, start, end, title, rows in pack["happenings"]:
                words[title] = title_of_happening(Happening(kind, start, end, tuple(rows)))
    for plain, told in zip(_rows("en", axes), _rows(name, axes), strict=True):
        words |= {plain["title"]: told["title"], plain["about"]: told["about"]}
        choices = zip(plain.get("choices", ()), told.get("choices", ()), strict=True)
        words |= {ours[0]: theirs[0] for ours, theirs in choices}
    return {text: told for text, told in words.items() if text != told}
