"""`tltutor app`: the notebook behind the page, what is refused, and how it is served."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tltutor.cli import app, main
from tltutor.lessons.folders import lesson_numbers
from tltutor.lessons.wording import script


def sources(page: dict[str, Any]) -> list[str]:
    nbformat.validate(nbformat.from_dict(page))
    return [cell["source"] for cell in page["cells"]]


@pytest.mark.parametrize("number", [n for n in lesson_numbers() if script(n).boards])
def test_every_board_of_a_lesson_is_on_the_page(number: str) -> None:
    said = sources(app.notebook(number, "dann", None, None))
    boards = [source for source in said if "tl.Lab(" in source or "BrokenLab(" in source]
    assert len(boards) == len(script(number).boards)
    for source in boards:
        compile(source, "cell", "exec")
    assert said[0].startswith(f"# {number}")
    assert not any("Kiosk" in source for source in said)


def test_a_pair_is_one_board_and_a_kiosk_begins_anew() -> None:
    said = sources(app.notebook("moons->rotated-moons", "mmd", None, 30.0))
    assert said[1:] == [
        "import tltutor as tl\n\ntl.Lab('moons->rotated-moons', 'mmd')",
        "from tltutor.views.kiosk import Kiosk\n\nKiosk(30.0)",
    ]


def test_the_page_speaks_the_language_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TLTUTOR_LANG", "zh")
    said = sources(app.notebook("12", "dann", "slow", None))
    assert said[0] == "from tltutor import lessons\n\nlessons.speak('zh')"
    assert said[1].startswith("# 12 · 对手")
    assert len(said) == 4


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["99"], "an app shows a lesson (01, 02,"),
        (["moons->rotated-moon"], "moons->rotated-moons"),
        (["moons-"], "put the name in quotes"),
        (["moons->rotated-moons", "--objective", "dannn"], "dann"),
        (["moons->rotated-moons", "--board", "slow"], "--board names a board of a lesson"),
        (["12", "--board", "sloww"], "slow"),
        (["09"], "lesson 09 has no board of its own"),
        (["12", "--kiosk", "1"], "5"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    words: list[str],
    told: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app, "serve", None)
    assert main(["app", *words]) in (1, 2)
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1


def test_without_voila_the_line_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert main(["app", "12"]) == 1
    assert "pip install 'tltutor[app]'" in capsys.readouterr().err


def test_it_is_served_to_this_machine_with_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[tuple[list[str], dict[str, Any]]] = []

    def serve(given: list[str]) -> None:
        served.append((given, json.loads(Path(given[0]).read_text("utf-8"))))

    monkeypatch.setattr(app, "serve", serve)
    assert main(["app", "12", "--no-browser", "--kiosk"]) == 0
    ((given, page),) = served
    assert {"--token", "--Voila.ip=127.0.0.1", "--Voila.open_browser=False"} <= set(given)
    assert "Kiosk(120.0)" in sources(page)[-1]
    assert not Path(given[0]).exists(), "it ends with the page"
