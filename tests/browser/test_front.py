"""A board's end in the page, without a kernel: where its program comes from, and what it tells a kernel that is slow to hear."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from notebooks import Notebooks, save_and_reload
from playwright.sync_api import Browser, Locator, Page, expect

from tltutor import lessons
from tltutor.lessons import wording
from tltutor.lessons.progress import VARIABLE
from tltutor.settings import Setting
from tltutor.views.board import Board
from tltutor.views.front import Front, loader, script

PAGE = """<!doctype html><meta charset="utf-8"><body><script type="module">{loader}
window.board = {{ initialize, render }};</script>"""
# A model as anywidget has it; `kernel` plays the other end: it notes what is sent, and says things.
OPEN = """([name, state]) => {
  const hearers = new Map(), told = [], el = document.createElement("div"), model = {
    get: (key) => state[key],
    send: (content) => told.push(content),
    on: (event, act) => hearers.set(event, [...(hearers.get(event) ?? []), act]),
    off: (event, act) => hearers.set(event, (hearers.get(event) ?? []).filter((one) => one !== act)),
  };
  el.id = name;
  document.body.append(el);
  window[name] = { told, say: (content) => hearers.get("msg:custom").forEach((act) => act(content, [])) };
  board.initialize({ model });
  board.render({ model, el });
}"""
SAVED = """
import tltutor as tl
lab = tl.Lab("moons->rotated-moons", "source-only", steps=6, snapshot_size=40, projection="pca", name="saved")
lab.play()
lab
"""
ASKED = """
from tltutor import lessons
lessons.begin("05").explain("tiny-rate")
"""
HAN = {"Play": "播放", "Pause": "暂停", "Seed": "种子"}
WEIGHT = Setting("weight", default=1.0, low=0.0, high=10.0, text="How much it counts", scale="log")


def plain(state: Any) -> Any:
    """The state without bytes, which JSON knows not."""
    if isinstance(state, dict):
        return {name: plain(value) for name, value in state.items()}
    return None if isinstance(state, bytes) else state


class Kernel:
    """A board that a page without a kernel shows; the test speaks for the kernel."""

    def __init__(self, page: Page, name: str, **state: Any) -> None:
        self.page, self.name, self.box = page, name, page.locator(f"#{name}")
        shown = Board(hide=("map", "curves"))
        shown.set_controls((WEIGHT,), {"weight": 1.0})
        shown.set_choices(seed=0)
        front = Front(shown.parts)
        found = {"home": "one", "key": name, "plan": "board", "program": "", **state}
        self.whole = plain(front.whole())
        front.close()
        page.evaluate(OPEN, [name, {"state": self.whole, **found}])

    def say(self, **content: Any) -> None:
        self.page.evaluate("([name, content]) => window[name].say(content)", [self.name, content])

    @property
    def told(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.evaluate("(name) => window[name].told", self.name)
        return found

    def moves(self) -> list[float]:
        """The values of the slider that the kernel was told."""
        told = [message["content"] for message in self.told if message.get("to") == "controls"]
        return [content["value"] for content in told]

    def set(self, number: int, part: str, **values: Any) -> None:
        self.say(number=number, to=part, kind="set", content=values)

    @property
    def slider(self) -> Locator:
        return self.box.locator(".tlt-row input[type=range]")

    @property
    def seed(self) -> Locator:
        return self.box.locator(".tlt-field-seed input")

    def button(self, name: str) -> Locator:
        return self.box.get_by_role("button", name=name, exact=True)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    made, faults = browser.new_page(viewport={"width": 1000, "height": 900}), []
    made.on("pageerror", lambda fault: faults.append(str(fault)))
    made.set_content(PAGE.format(loader=loader().replace("export default", "const board =")))
    made.wait_for_function("() => window.board")
    yield made
    made.close()
    assert faults == []


def held(page: Page) -> None:
    """From here on no time passes in the page: what waits for a while waits on."""
    page.clock.install()
    page.clock.pause_at("2100-01-01")


@pytest.fixture
def one(page: Page) -> Kernel:
    """A board alone, with its program."""
    found = Kernel(page, "one", program=script())
    expect(found.slider).to_be_visible()
    return found


def test_the_boards_of_a_kernel_share_the_program_that_one_brings(page: Page) -> None:
    held(page)  # the one that is late waits for the program, however slow the machine
    late, brings = Kernel(page, "late"), Kernel(page, "brings", program=script())
    for each in (late, brings, Kernel(page, "later")):
        expect(each.button("Play")).to_be_visible()
        assert [message for message in each.told if message["kind"] == "open"] == []


def test_a_board_that_finds_no_program_asks_its_kernel_for_it(page: Page) -> None:
    alone = Kernel(page, "alone")
    page.wait_for_function("() => window.alone.told.length")
    assert alone.told == [{"kind": "open", "program": True}]
    alone.say(kind="whole", program=script(), **alone.whole)
    expect(alone.button("Play")).to_be_visible()


def test_two_kernels_in_one_page_speak_each_its_language(page: Page, one: Kernel) -> None:
    other = Kernel(page, "other", home="two", program=script())
    expect(other.button("Play")).to_be_visible()
    other.say(number=1, to="", kind="words", content=HAN)
    one.set(1, "header", playing=True)
    expect(one.button("Pause")).to_be_visible()
    expect(other.button("播放")).to_be_visible()
    other.set(2, "header", playing=True)
    expect(other.button("暂停")).to_be_visible()


def test_a_label_names_the_input_of_its_own_board(page: Page, one: Kernel) -> None:
    other = Kernel(page, "other", home="two", program=script())
    for each in (one, other):
        each.box.get_by_text("weight", exact=True).click()
        expect(each.slider).to_be_focused()
        each.box.get_by_text("Seed", exact=True).click()
        expect(each.seed).to_be_focused()


def test_a_slow_kernel_hears_the_last_of_many_moves(page: Page, one: Kernel) -> None:
    held(page)
    one.slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    assert len(one.moves()) == 1
    one.say(kind="heard")
    assert one.moves()[1:] == [float(one.box.locator(".tlt-readout").inner_text())]
    one.say(kind="heard")
    assert len(one.moves()) == 2


def test_a_button_is_told_after_the_moves_before_it(page: Page, one: Kernel) -> None:
    held(page)
    one.slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    one.button("Reset").click()
    assert [message["to"] for message in one.told][-3:] == ["controls", "controls", "header"]


def test_an_answer_that_went_lost_holds_nothing_back_for_long(page: Page, one: Kernel) -> None:
    one.slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    page.wait_for_function(
        "() => window.one.told.filter(({ to }) => to === 'controls').length === 2"
    )


def test_a_page_that_missed_something_asks_for_everything_once(one: Kernel) -> None:
    one.set(one.whole["number"] + 3, "header", playing=True)
    one.set(one.whole["number"] + 5, "header", playing=True)
    assert [message for message in one.told if message["kind"] == "open"] == [{"kind": "open"}]
    one.say(kind="whole", **{**one.whole, "number": one.whole["number"] + 5})
    expect(one.button("Play")).to_be_visible()


def test_a_seed_that_is_being_typed_stays_and_only_a_seed_is_told(page: Page, one: Kernel) -> None:
    one.seed.fill("-4")
    one.set(1, "header", playing=True)
    expect(one.seed).to_have_value("-4")
    page.keyboard.press("Enter")
    one.seed.blur()
    expect(one.seed).to_have_value("0")
    one.seed.fill("7")
    page.keyboard.press("Enter")
    told = [message["content"] for message in one.told if message.get("to") == "header"]
    assert told == [{"kind": "choose", "name": "seed", "value": 7}]
    one.set(2, "header", chosen={**one.whole["parts"]["header"]["chosen"], "seed": 9})
    expect(one.seed).to_have_value("9")


def test_numbers_say_what_they_are(one: Kernel) -> None:
    rows = one.box.locator(".tlt-numbers tr")
    expect(rows.filter(has_text="Domain probe")).to_have_attribute("title", re.compile("fresh"))
    expect(rows.filter(has_text="MMD²")).to_have_attribute("title", re.compile("Squared maximum"))


SEEN = """(part) => {
  const seen = part.getBoundingClientRect();
  const board = part.closest(".tlt-net-scroller, .tlt-net").getBoundingClientRect();
  return seen.left >= board.left && seen.right <= board.right; }"""
WIDER = """(stages) => stages.flatMap((stage) => {
  const name = stage.querySelector("b"), box = name.parentElement.getBoundingClientRect(), { left, right } = name.getBoundingClientRect();
  return left < box.left || right > box.right ? [name.textContent] : [];
})"""
SIDES = ("right", "left")


def test_many_stages_scroll_between_the_examples_and_the_head_that_stay(
    page: Page, one: Kernel
) -> None:
    names = ["a_name_that_is_longer_than_its_box", *(f"fire{i}" for i in range(1, 9))]
    stages = [
        {"name": name, "shape": [128, 6, 6], "parameters": 12_000, "batchnorm": False}
        for name in names
    ]
    about = {"features": 512, "branch": "discriminator", "term": "domain", "classes": 2}
    rows = one.whole["parts"]["controls"]["rows"]
    one.set(1, "controls", values={"weight": 1.0, "freeze_depth": 0}, rows=rows)
    one.set(2, "network", stages=stages, about={**about, "owner": ""}, frozen=0)
    stage, handle = one.box.locator(".tlt-net-stage"), one.box.locator(".tlt-net-freeze")
    expect(stage).to_have_count(9)
    for part in (".tlt-net-branch", ".tlt-net-examples >> nth=0"):
        assert one.box.locator(part).evaluate(SEEN), part
    assert not stage.last.evaluate(SEEN)
    assert stage.evaluate_all(WIDER) == [], "no name sticks out of its box"
    expect(stage.first.locator(".tlt-net-box")).to_have_attribute("title", re.compile(names[0]))
    more, less = (one.box.get_by_role("button", name=f"to the {side}") for side in SIDES)
    expect(less).to_be_hidden()
    expect(more).to_have_attribute("aria-label", re.compile("[4-8] more stages"))
    more.focus()
    for _ in range(9):
        page.keyboard.press("Enter")  # on the strip itself, once all stages are in sight
    expect(more).to_be_hidden()
    expect(less).to_be_visible()
    assert stage.last.evaluate(SEEN)
    expect(one.box.locator(".tlt-net-scroller")).to_be_focused()
    page.keyboard.press("Home")
    handle.focus()
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    expect(handle).to_have_value("9")
    assert stage.last.evaluate(SEEN)
    assert not stage.first.evaluate(SEEN)
    for width in (640, 390):  # too narrow for one line: what comes after the stages has its own
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("() => document.scrollingElement.scrollWidth") <= width
        for part in (".tlt-net-branch", ".tlt-net-scroller", ".tlt-net-examples >> nth=0"):
            assert one.box.locator(part).evaluate(SEEN), (part, width)


def test_a_saved_card_shows_what_was_asked_and_chosen_and_what_to_run(
    notebooks: Notebooks, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A notebook from somebody else, or GitHub's copy of it: its card's widget is nowhere."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "progress.jsonl"))
    question = wording.script("05").explain["tiny-rate"]
    card = lessons.begin("05").explain("tiny-rate")
    card.view.receive("message", {"kind": "commit", "answer": question.right_id})
    bundle = card._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    card.close()

    def saved(notebook: Any) -> None:
        output = nbformat.v4.new_output("execute_result", data, execution_count=1)
        notebook.cells = [nbformat.v4.new_code_cell("lesson.explain()", outputs=[output])]

    with notebooks.lesson("05", saved) as (page, _, _):
        shown = page.locator(".jp-OutputArea-output")
        expect(shown).to_contain_text(question.text["en"])
        expect(shown.locator("li b", has_text=question.right.text["en"])).to_be_visible()
        expect(shown).to_contain_text(question.right.feedback["en"])
        expect(shown).to_contain_text("run the cells above and then this one")


@pytest.mark.slow
def test_a_notebook_opened_the_next_day_shows_the_last_frame_and_what_to_run(
    notebooks: Notebooks,
) -> None:
    """It is the learner's own, so JupyterLab trusts it, and asks for widgets of a kernel that has gone."""
    with notebooks.ran([SAVED, ASKED]) as (page, _):
        picture = page.locator("[class^=tlt-still] img")
        expect(page.locator(".tlt-status").first).to_have_attribute("data-state", "finished")
        expect(picture).to_be_attached()
        expect(picture).to_be_hidden()  # the board lives
        expect(page.locator("[class^=tlt-still]").last).to_be_hidden()
        page.locator(".jp-Notebook .jp-Cell .jp-InputPrompt").first.click()
        notebooks.end_kernels()
        save_and_reload(page)
        expect(picture).to_be_visible()
        assert picture.evaluate("(image) => image.naturalWidth") > 400
        outputs = page.locator(".jp-OutputArea")
        expect(outputs.first).to_contain_text("step 6 of 6. Run this cell again")
        expect(outputs.last).to_contain_text("run the cells above and then this one")
        lost = page.locator(".jupyter-widgets", has_text="model not found")
        expect(lost).to_have_count(2)
        for each in lost.all():
            expect(each).to_be_hidden()
