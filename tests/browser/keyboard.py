"""A learner without a mouse: runs cells, enters what they show, answers, plays and types, by keys alone; asserts a ring at every stop."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from notebooks import Notebooks, save_and_reload, scroll_to
from playwright.sync_api import Locator, Page, expect

from tltutor.lessons.book.running import shorten
from tltutor.lessons.wording import Option, script

STEPS = 12  # of every run: what is tested here is the way through, not what the runs show
CELLS = "[...document.querySelectorAll('.jp-Notebook .jp-Cell')]"
WHERE = f"() => {CELLS}.findIndex((cell) => cell.classList.contains('jp-mod-active'))"
RAN = f"""([i, before]) => {{
  const said = {CELLS}[i].querySelector(".jp-InputArea-prompt").textContent;
  return said !== before && /[0-9]/.test(said);
}}"""
FOCUS = """() => {
  const at = document.activeElement, named = at.getAttribute("aria-label") || at.labels?.[0]?.textContent;
  const style = getComputedStyle(at);
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const ours = Boolean(at.closest(".tlt-board, .tlt-card, .tlt-lesson"));
  return { name: (named || at.textContent || at.title).trim(), ours, ring };
}"""


def words(lesson: str, task: str, option: str = "") -> Option:
    """An option of a lesson's card by its id, the right one if none is named."""
    texts = script(lesson)
    asked = {**texts.predict, **texts.explain, **{one.id: one for one in texts.exit}}[task]
    return next(o for o in asked.options if o.id == (option or asked.right_id))


def shown(lesson: str, task: str, option: str = "") -> str:
    """What the card shows for this option."""
    return words(lesson, task, option).text["en"]


@dataclass
class Learner:
    """page: the notebook in JupyterLab; goals: of the lesson; sources: of its cells; folded: those with a hidden source.

    Arrow keys pass folded cells over.
    """

    page: Page
    sources: list[str]
    folded: set[int]
    goals: int
    errors: list[str]

    def keys(self, *names: str) -> None:
        """Press one key after another."""
        for name in names:
            self.page.keyboard.press(name)

    @property
    def at(self) -> int:
        """The number of the active cell."""
        return int(self.page.evaluate(WHERE))

    def cell(self, mark: str) -> Locator:
        """The cell with this text in its source, made visible."""
        found = self.page.locator(".jp-Notebook .jp-Cell").nth(self.number(mark))
        found.evaluate("(cell) => cell.scrollIntoView({ block: 'nearest' })")
        return found

    def number(self, mark: str) -> int:
        """The number of the one cell with this text in its source."""
        (found,) = (i for i, source in enumerate(self.sources) if mark in source)
        return found

    def step(self, key: str, to: int) -> None:
        """Press the key, and wait until another cell is the active one."""
        self.keys(key)
        self.page.wait_for_function(f"(to) => ({WHERE})() === to", arg=to)

    def go(self, mark: str) -> None:
        """Select this cell: by arrow keys, or where those pass it over with Shift+Tab from the next one, and Escape."""
        goal = near = self.number(mark)
        while near in self.folded:
            near += 1
        while (at := self.at) not in (goal, near):
            self.keys("ArrowDown" if at < near else "ArrowUp")
            self.page.wait_for_function(f"(at) => ({WHERE})() !== at", arg=at)
        while self.at > goal:
            self.keys("Shift+Tab")
        self.leave()

    def run(self, mark: str) -> None:
        """Run every cell from the selected one to this one, each when the one before is done."""
        goal = self.number(mark)
        while (at := self.at) <= goal:
            prompt = (
                self.page.locator(".jp-Notebook .jp-Cell")
                .nth(at)
                .locator("css=:scope.jp-CodeCell .jp-InputArea-prompt")
                .first
            )
            before = prompt.text_content() if prompt.count() else None
            self.step("Shift+Enter", at + 1)
            if before is not None:
                self.page.wait_for_function(RAN, arg=[at, before], timeout=60_000)

    def enter(self, mark: str, name: str = "") -> Locator:
        """Go into what this cell shows, to its first control or the one of this name; returns the cell."""
        self.go(mark)
        self.tab(name)
        return self.cell(mark)

    def tab(self, name: str = "") -> dict[str, Any]:
        """Tab to the next control of ours, or to the one of this name; each stop on the way must show where it is."""
        seen = []
        for _ in range(60):
            self.keys("Tab")
            stop = self.page.evaluate(FOCUS)
            if stop["ours"]:
                assert stop["ring"], f"no focus ring at {stop}"
                seen.append(stop["name"])
                if re.search(name, stop["name"]):
                    return dict(stop)
        raise AssertionError(f"Tab never came to {name!r}, but to {seen}")

    def leave(self) -> None:
        """Escape brings the focus back to the cell."""
        self.keys("Escape")
        self.at_cell(self.at)

    def at_cell(self, number: int) -> None:
        """Wait until the focus is on this cell itself, so that the notebook's own keys work."""
        self.page.wait_for_function(f"(i) => document.activeElement === {CELLS}[i]", arg=number)

    def answer(self, mark: str, text: str, *, button: str = "Check", nth: int = 0) -> Locator:
        """Choose the option that begins so in the cell's nth card, and press the button; returns the card."""
        card = self.cell(mark).locator(".tlt-card").nth(nth)
        expect(card.get_by_role("radio").first).to_be_visible()
        labels = [said.strip() for said in card.locator(".tlt-options label").all_text_contents()]
        (wanted,) = (i for i, label in enumerate(labels) if label.startswith(text))
        self.enter(mark, "|".join(map(re.escape, labels)))
        self.keys("Space")
        while not (radio := card.get_by_role("radio").nth(wanted)).is_checked():
            self.keys("ArrowDown")
        expect(radio).to_be_focused()
        expect(card.get_by_role("button")).to_be_enabled()
        self.tab(f"^{button}$")
        self.keys("Enter")
        expect(card.locator(".tlt-feedback .tlt-note")).to_be_visible()
        return card

    def play(self, mark: str) -> None:
        """Play this board to its end, and go on from there to the next cell: the run stands."""
        state = self.enter(mark, "^Play$").locator(".tlt-status")
        self.keys("Space")
        expect(state).to_have_attribute("data-state", "finished", timeout=60_000)
        self.step("Shift+Enter", self.at + 1)
        self.at_cell(self.at)
        expect(state).to_have_attribute("data-state", "finished")

    def fill(self, mark: str, old: str, new: str) -> None:
        """Type `new` in the place of the first `old` in the cell's source, and run the cell."""
        number = self.number(mark)
        before, _, after = self.sources[number].partition(old)
        self.sources[number] = before + new + after
        self.go(mark)
        lines = before.split("\n")
        self.keys("Enter")
        self.page.wait_for_function("() => document.activeElement.classList.contains('cm-content')")
        self.keys(
            "Control+Home", *["ArrowDown"] * (len(lines) - 1), *["ArrowRight"] * len(lines[-1])
        )
        self.keys(*["Delete"] * len(old))
        self.page.keyboard.type(new)
        self.run(mark)

    def scored(self, mark: str) -> None:
        """Run up to this check: it holds the prediction to the learner's own run, whatever came out."""
        self.run(mark)
        note = self.cell(mark).locator(".tlt-note")
        expect(note).to_contain_text("You said")
        assert "tlt-note-plain" not in (note.get_attribute("class") or "")

    def reached(self, goals: int) -> None:
        """The panel that is alive ticks this many goals."""
        panel = self.page.locator(".jp-OutputArea-child:not([data-old]) .tlt-lesson")
        expect(panel).to_contain_text(f"{goals} of {self.goals} goals reached")
        expect(panel.locator(".tlt-reached")).to_have_count(goals)

    def restart(self) -> None:
        """Restart the kernel; nothing that was shown before answers any more."""
        self.keys("0", "0")
        expect(self.page.locator(".jp-Dialog")).to_contain_text("Restart")
        self.keys("Enter")
        expect(self.page.locator(".jp-Dialog")).to_have_count(0)
        kernel = self.page.locator(".jp-StatusBar-TextItem", has_text="Python 3")
        expect(kernel).not_to_contain_text(
            "Idle"
        )  # what is asked of a kernel before it is there again is lost
        expect(kernel).to_contain_text("Idle", timeout=60_000)
        self.page.evaluate(
            "() => document.querySelectorAll('.jp-OutputArea-child').forEach((old) => { old.dataset.old = 1; })"
        )

    def reload(self) -> None:
        """Save, and load the page anew."""
        save_and_reload(self.page)

    def option(self, text: str) -> Locator:
        """An option by its text, scrolled to: after a reload JupyterLab builds only what comes into sight."""
        found = self.page.get_by_role("radio", name=text)
        scroll_to(self.page, found)
        return found


def command(page: Page, name: str) -> None:
    """Give a command by name in JupyterLab's palette."""
    page.keyboard.press("Control+Shift+c")
    page.keyboard.type(name)
    expect(page.locator(".lm-CommandPalette-item.lm-mod-active").first).to_contain_text(name)
    page.keyboard.press("Enter")


@contextmanager
def learning(lesson: str, notebooks: Notebooks) -> Iterator[Learner]:
    """This lesson with short runs, open in JupyterLab, with no answer given yet; its first cell is selected."""
    with notebooks.lesson(lesson, lambda notebook: shorten(notebook, STEPS), height=720) as (
        page,
        errors,
        notebook,
    ):
        page.keyboard.press("Escape")
        folded = {
            i
            for i, cell in enumerate(notebook.cells)
            if cell.metadata.get("jupyter", {}).get("source_hidden")
        }
        yield Learner(
            page,
            [cell.source for cell in notebook.cells],
            folded,
            len(script(lesson).goals),
            errors,
        )
