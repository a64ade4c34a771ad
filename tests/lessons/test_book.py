"""The book: cards and boards as pages show them, links that lead somewhere, nothing from the network, and a lesson run by nobody."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
import pytest
from jinja2 import UndefinedError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tltutor.cli import main
from tltutor.cli.originals import originals
from tltutor.lessons.book.formulas import with_pictures
from tltutor.lessons.book.links import broken_links
from tltutor.lessons.book.pages import WIDGET, Lesson, index_page, lesson_page
from tltutor.lessons.book.running import BOARDS, executed, shorten
from tltutor.templates import rendered
from tltutor.views.still import STILL

LESSONS = [
    Lesson(Path("tutorials/01_first_flight.ipynb"), "en"),
    Lesson(Path("tutorials/zh/01_first_flight.ipynb"), "zh"),
]


def notebook() -> Any:
    words = '<dl><dt id="word-mmd">MMD</dt></dl>'
    card = new_output(
        "display_data", {WIDGET: {"model_id": "x"}, "text/html": words, "text/plain": "Box()"}
    )
    board = new_output("display_data", {WIDGET: {"model_id": "y"}, "text/plain": "Box()"})
    still = new_output("display_data", {"text/html": "<p>a still</p>"}, metadata={STILL: True})
    cells = [
        new_markdown_cell("# One\n[MMD](#word-mmd), [again](01_first_flight.ipynb)"),
        new_code_cell("lesson", outputs=[card]),
        new_code_cell('plain = tl.Lab(name="plain")\nplain', outputs=[still, board]),
    ]
    return new_notebook(cells=cells, metadata={BOARDS: {"y": ["plain"]}})


@pytest.fixture
def book(tmp_path: Path) -> Path:
    for lesson in LESSONS:
        (tmp_path / lesson.page).parent.mkdir(exist_ok=True)
        (tmp_path / lesson.page).write_text(lesson_page(lesson, notebook(), LESSONS), "utf-8")
        boards = (tmp_path / lesson.page).parent / lesson.boards
        boards.mkdir(parents=True)
        (boards / "plain.svg").write_text("<svg/>")
        (boards / "plain.html").write_text("<!doctype html><title>replay</title>")
    (tmp_path / "index.html").write_text(index_page(LESSONS), "utf-8")
    return tmp_path


def test_a_page_shows_cards_and_boards_without_a_kernel(book: Path) -> None:
    text = (book / "01_first_flight.html").read_text("utf-8")
    assert '<dt id="word-mmd">' in text
    assert 'src="boards/01_first_flight/plain.svg"' in text
    assert 'href="boards/01_first_flight/plain.html"' in text
    assert "model_id" not in text
    assert "a still" not in text
    assert "<script" not in text
    assert 'lang="zh"' in (book / "zh" / "01_first_flight.html").read_text("utf-8")


def test_every_link_leads_somewhere_in_both_languages(book: Path) -> None:
    assert list(broken_links(book)) == []
    text = (book / "zh" / "01_first_flight.html").read_text("utf-8")
    assert 'href="../index.html"' in text
    assert 'href="../01_first_flight.html"' in text
    assert 'href="01_first_flight.html"' in text, "a link to a notebook is one to its page"


NASTY = """x" onload="y"><script>alert(1)</script>'&amp;#100%?"""
NAME = NASTY.replace("/", "")  # as a file or a board may be called


class Parts(HTMLParser):
    """What a browser makes of a page: its tags, its attributes' names and values, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_no_name_can_leave_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Titles, boards and files are called as their authors like."""
    monkeypatch.setattr(Lesson, "title", NASTY)
    lesson = Lesson(Path(f"tutorials/{NAME}.ipynb"), "en")
    nasty = notebook()
    nasty.metadata[BOARDS]["y"] = [NAME]
    page, index = Parts(lesson_page(lesson, nasty, [lesson, *LESSONS])), Parts(index_page([lesson]))
    for parts in (page, index):
        assert "script" not in parts.tags
        assert not [name for name, _ in parts.attributes if name.startswith("on")]
    board = quote(f"{lesson.boards}/{NAME}")
    assert {("src", f"{board}.svg"), ("href", f"{board}.html"), ("alt", f"{NASTY}: {NAME}")} <= set(
        page.attributes
    )
    assert page.text.count(NASTY) == 2, "the title, and the link to the next one"
    assert ("href", quote(f"{NAME}.html")) in index.attributes
    assert NASTY in index.text


def test_a_template_that_lacks_a_value_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.html.j2").write_text("<b>{{ name }}</b>")
    assert (
        rendered(tmp_path / "a.html.j2", name='<i class="x">')
        == "<b>&lt;i class=&#34;x&#34;&gt;</b>"
    )
    with pytest.raises(UndefinedError, match="'name' is undefined"):
        rendered(tmp_path / "a.html.j2")


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ('<a href="02_gone.html">', "02_gone.html leads nowhere"),
        ('<a href="#word-gone">', "#word-gone leads nowhere"),
        ('<a href="index.html#gone">', "index.html#gone leads nowhere"),
        ('<img src="gone.png">', "gone.png leads nowhere"),
        ('<script src="https://cdn.example/x.js"></script>', "loads https://cdn.example/x.js"),
        (
            '<link rel="stylesheet" href="https://cdn.example/x.css">',
            "loads https://cdn.example/x.css",
        ),
    ],
)
def test_a_link_that_leads_nowhere_is_found(book: Path, bad: str, said: str) -> None:
    (book / "bad.html").write_text(bad)
    assert list(broken_links(book)) == [f"bad.html: {said}"]


@pytest.mark.slow
def test_the_lessons_link_to_nothing_that_the_book_lacks(tmp_path: Path) -> None:
    """As they are, before anything is run: words get their places by running, boards their pictures."""
    lessons = [
        Lesson(path, path.parent.name if path.parent.name == "zh" else "en") for path in originals()
    ]
    for lesson in lessons:
        (tmp_path / lesson.page).parent.mkdir(exist_ok=True)
        (tmp_path / lesson.page).write_text(
            lesson_page(lesson, nbformat.read(lesson.path, as_version=4), lessons), "utf-8"
        )
    (tmp_path / "index.html").write_text(index_page(lessons), "utf-8")
    assert [link for link in broken_links(tmp_path) if "#word-" not in link] == []


def test_a_link_to_the_web_may_stand_to_be_clicked(book: Path) -> None:
    (book / "good.html").write_text(
        '<a href="https://arxiv.org/abs/1505.07818">DANN</a><img src="data:image/png;base64,">'
    )
    assert list(broken_links(book)) == []


TINY = """
import tltutor as tl
from tltutor import lessons

def made(name):
    return tl.Lab("moons->rotated-moons", "source-only", steps=500, batch_size=8, snapshot_size=20, name=name, seed=0)

lab = made("tiny")
lab
"""


@pytest.mark.slow
def test_a_lesson_is_run_by_nobody_and_its_boards_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "01_tiny.ipynb"
    both = new_code_cell('tl.Compare(lab, made("other"))')
    reader = new_code_cell("lessons.Progress().learner, lab.session.steps")
    nbformat.write(new_notebook(cells=[new_code_cell(TINY), both, reader]), path)
    done = executed(path, tmp_path / "boards", steps=3)
    assert done.cells[-1].outputs[0].data["text/plain"] == "('book', 3)", "and no learner"
    files = sorted(file.name for file in (tmp_path / "boards").iterdir())
    assert files == ["other.html", "other.svg", "tiny.html", "tiny.svg"]
    shown = [
        done.metadata[BOARDS][cell.outputs[-1].data[WIDGET]["model_id"]] for cell in done.cells[:2]
    ]
    assert shown == [["tiny"], ["tiny", "other"]], "whatever made them and whatever they are called"


def test_runs_are_shortened_wherever_their_steps_are_written() -> None:
    """As a named argument, in a dictionary, or in lesson.toml; in code alone."""
    cells = [
        new_code_cell('same = {"lr": 1, "steps": 300}\nLab(steps=400)'),
        new_code_cell('a = lesson.board("a")\nb = lesson.board("b-2", weight=1, steps=400)'),
        new_code_cell('lesson.compare("a", "b-2", pair=pair)\nlesson.compare("a", "c")'),
        new_markdown_cell("steps=400"),
    ]
    short = new_notebook(cells=cells)
    shorten(short, 7)
    assert [cell.source for cell in short.cells] == [
        'same = {"lr": 1, "steps": 7}\nLab(steps=7)',
        'a = lesson.board("a", steps=7)\nb = lesson.board("b-2", weight=1, steps=7)',
        'lesson.compare("a", "b-2", steps=7, pair=pair)\nlesson.compare("a", "c", steps=7)',
        "steps=400",
    ]


def test_the_command_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without boards beside them the pages' pictures are missing."""
    monkeypatch.setattr("tltutor.lessons.book.running.executed", lambda *_: notebook())
    assert main(["book", str(tmp_path / "book"), "--lesson", "01"]) == 1
    told = capsys.readouterr()
    assert "plain.svg leads nowhere" in told.err
    assert "2 lessons" in told.out


# --- formulas


def page_of(markdown: str) -> str:
    copy = new_notebook(cells=[new_markdown_cell(markdown)])
    return lesson_page(LESSONS[0], copy, LESSONS)


def test_a_formula_is_a_picture_whose_words_are_its_tex() -> None:
    text = page_of(
        "With $E = L_y - \\lambda L_d$ it is\n\n$$\\hat\\theta = \\arg\\min_\\theta E.$$\n\nThe end."
    )
    assert text.count("data:image/svg+xml;base64,") == 2
    assert 'alt="E = L_y - \\lambda L_d"' in text
    assert '<p class="tlt-formula"><img alt="\\hat\\theta = \\arg\\min_\\theta E."' in text
    assert "$" not in "".join(Parts(text).text)


def test_money_and_code_are_no_formulas() -> None:
    text = page_of("It costs 5 $ or 6 $ today, `$x$` and\n\n```\n$y$\n```")
    assert "<img" not in text
    assert "5 $ or 6 $" in text


def test_tex_that_cannot_be_drawn_says_so() -> None:
    with pytest.raises(ValueError, match="simpler TeX"):
        page_of(r"$\nosuchcommand{x}$")


def test_every_formula_of_every_lesson_can_be_drawn() -> None:
    """In each language as many as there are; a page shows no dollar sign that began one."""
    drawn = 0
    for path in originals():
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "markdown":
                told = with_pictures(cell.source)
                drawn += told.count("data:image/svg")
                assert "$$" not in told, path
    assert drawn
