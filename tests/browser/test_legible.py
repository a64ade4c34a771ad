"""Whether boards, question cards and a lesson's panel can be read from the last row: sizes and contrast, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from keyboard import command
from notebooks import Notebooks
from playwright.sync_api import Page

SMALLEST, PRESENTED = 12, 14  # CSS pixels of a page of 1280 x 720
OPENED = """
import tltutor as tl
from tltutor import lessons
from tltutor.views.cards import Note
lesson = lessons.begin("05")
options = dict(steps=20, batch_size=16, snapshot_size=80, device="cpu", network_options={"channels": (4, 8)}, projection="pca")
lesson
"""
BOARD = 'NAME = tl.Lab("digits->shifted-digits", "dann", presenter=BIG, name="NAME", **options)\nNAME.play()\nNAME'
CELLS = (
    OPENED,
    BOARD.replace("NAME", "small").replace("BIG", "False"),
    BOARD.replace("NAME", "big").replace("BIG", "True"),
    'both = tl.Compare("digits->shifted-digits", "source-only", "dann", **options)\nboth',
    'lesson.predict("few")',
    'lesson.exercise("share", lambda sizes, k: 1.0)',
    'Note("It stands.", "noted")',
    'Note("It is so.", "right")',
    'lesson.broken_lab("moving-batchnorm", pair="digits->shifted-digits", name="broken", **options).reveal()',
    "lesson.exit_ticket()",
)
FRAME = "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
PLACES = [
    (".tlt-board:not(.tlt-presenting)", SMALLEST),
    (".tlt-presenting", PRESENTED),
    (".tlt-card, .tlt-note", SMALLEST),
    (".tlt-lesson", SMALLEST),
]


@pytest.fixture(scope="module")
def page(notebooks: Notebooks) -> Iterator[Page]:
    with notebooks.ran(CELLS) as (page, _):
        page.add_script_tag(path=Path(__file__).with_name("legible.js"))
        yield page


def in_theme(page: Page, theme: str) -> None:
    """JupyterLab in this theme, and all drawn anew."""
    name = f"JupyterLab {theme}"
    if page.evaluate("document.body.dataset.jpThemeName") != name:
        command(page, f"Use Theme: {name}")
        page.wait_for_function(f"document.body.dataset.jpThemeName === '{name}'")
    page.set_viewport_size({"width": 1260, "height": 720})
    page.evaluate(FRAME)
    page.evaluate("window.drawn.clear()")
    page.set_viewport_size({"width": 1280, "height": 720})
    page.wait_for_function("window.drawn.size > 0")


def seen(page: Page, place: str) -> list[dict[str, Any]]:
    """Every text under this selector."""
    found = []
    for root in page.locator(place).all():
        root.evaluate("(root) => root.scrollIntoView({ block: 'center' })")
        page.evaluate(FRAME)
        found += root.evaluate("(root) => window.legible(root)")
    return found


@pytest.mark.parametrize("theme", ["Light", "Dark"])
@pytest.mark.parametrize(("place", "smallest"), PLACES)
def test_it_can_be_read_from_the_last_row(
    page: Page, theme: str, place: str, smallest: int
) -> None:
    in_theme(page, theme)
    found = seen(page, place)
    assert len(found) > 5
    assert [text for text in found if text["size"] < smallest] == []
    assert [text for text in found if text["contrast"] < (3 if text["large"] else 4.5)] == []
