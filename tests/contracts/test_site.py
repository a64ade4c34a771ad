"""The site is made by one command, warns of nothing, leads nowhere that is not there, and asks nothing of the network."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT

import tltutor as tl
from tltutor.lessons.folders import lesson_folders

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site with a small board, and a page of lesson 01 as the book has it."""
    folder = tmp_path_factory.mktemp("site")
    board = tl.publish(
        "moons->rotated-moons",
        "dann",
        folder / "board.html",
        grid={"weight": [0, 1]},
        seeds=1,
        projection="pca",
        frames=20,
        jobs=1,
        steps=12,
        batch_size=8,
        snapshot_size=20,
    )
    book = folder / "book"
    (book / "zh").mkdir(parents=True)
    for place in (book, book / "zh"):
        (place / "01_first_flight.html").write_text("<!DOCTYPE html><p>lesson</p>", "utf-8")
    out = folder / "out"
    command = [sys.executable, str(ROOT / "docs" / "make.py"), str(out), "--board", str(board)]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    }
    done = subprocess.run(
        [*command, "--book", str(book)],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken links" in done.stdout
    return out


def test_the_start_page_opens_with_a_board_that_plays(site: Path) -> None:
    text = (site / "index.html").read_text("utf-8")
    first, board = text.index("See transfer learning happen"), text.index("board.html#replay")
    assert first < board < text.index("Upright digits have labels")
    assert "lambda-light" not in text, "the picture of the README is replaced"
    assert (site / "board.html").is_file()


def test_every_document_is_a_page_and_its_picture_comes_along(site: Path) -> None:
    documents = {path.stem for path in (ROOT / "docs").glob("*.md")}
    assert documents <= {path.stem for path in site.glob("*.html")}
    assert "_images/board.png" in (site / "use.html").read_text("utf-8")


def test_every_method_has_a_card_with_its_lines(site: Path) -> None:
    text = (site / "methods.html").read_text("utf-8")
    shown = re.findall(r'id="method-([\w-]+)"', text)
    assert sorted(shown) == sorted(tl.objective_names())
    assert text.count("<pre>") == len(shown)
    assert set(re.findall(r'id="classical-([\w-]+)"', text)) == set(tl.classical.METHODS)
    dann = text[text.index('id="method-dann"') :].split("</details>")[0]
    assert "def reverse_gradient" in dann
    assert "2016" in dann


def test_the_lessons_lead_to_their_pages_where_they_were_made(site: Path) -> None:
    text = (site / "lessons.html").read_text("utf-8")
    assert all(f"<h4>{number} · " in text for number in lesson_folders())
    links = re.findall(r'href="(lessons/[^"]+)"', text)
    assert links == ["lessons/01_first_flight.html", "lessons/zh/01_first_flight.html"]


def test_the_reference_has_every_public_name_and_the_guide_every_addition(site: Path) -> None:
    text = (site / "api" / "tltutor.html").read_text("utf-8")
    rooms = {path.stem for path in (site / "api").glob("*.html")}
    for name in set(tl.__all__) - rooms - {"__version__"}:
        assert f'id="{name.lower().replace("_", "-")}"' in text, name
    guide = (site / "contributing.html").read_text("utf-8")
    assert '<div class="highlight-python' in guide
    assert re.search(
        r'<div class="highlight-text[^>]*>.*?<span></span>make check', guide, re.DOTALL
    )
    for what in ("an objective", "a lesson", "a pair of domains", "a language"):
        assert f"Add {what}" in guide
