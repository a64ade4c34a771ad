"""Whether boards, question cards and a lesson's panel can be read from the last row: sizes and contrast, light and dark."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from keyboard import command
from notebooks import SCROLL, Notebooks
from PIL import Image
from playwright.sync_api import Locator, Page

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
AT_THE_END = """() => {
  const panel = document.querySelector(".jp-WindowedPanel-outer");
  return panel.scrollTop + panel.clientHeight >= panel.scrollHeight - 1;
}"""
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


def handle(slider: Locator) -> int:
    """How many pixels of a slider's picture stand out from its ground, 3 to 1: the handle alone is that large."""
    image = np.asarray(Image.open(io.BytesIO(slider.screenshot())).convert("RGB")) / 255
    linear = np.where(image <= 0.04045, image / 12.92, ((image + 0.055) / 1.055) ** 2.4)
    light = linear @ [0.2126, 0.7152, 0.0722] + 0.05
    ground = np.median(light)
    return int((np.maximum(light, ground) / np.minimum(light, ground) >= 3).sum())


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_every_sliders_handle_stands_out(page: Page, theme: str) -> None:
    in_theme(page, theme)
    page.locator(".jp-WindowedPanel-outer").evaluate("(panel) => panel.scrollTo(0, 0)")
    found: dict[str, int] = {}
    while not page.evaluate(AT_THE_END):  # JupyterLab keeps only what is near
        page.evaluate(FRAME)
        for each in page.locator(".tlt-board input[type=range]:not(:disabled)").all():
            name = each.get_attribute("id") or "replay"
            if name not in found and each.is_visible():
                found[name] = handle(each)
        page.evaluate(SCROLL)
    assert len(found) > 15
    assert [name for name, pixels in found.items() if pixels < 80] == []
