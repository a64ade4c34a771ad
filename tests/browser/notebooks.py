"""One JupyterLab and one Chromium for all browser tests: each walk gets a notebook, a page and a kernel that no other walk has seen."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

import nbformat
from playwright.sync_api import Browser, Error, Locator, Page, expect

from tltutor.lessons.progress import VARIABLE
from tltutor.machine.bench.chromium import HARMLESS, run_all

WORKSPACE = "/lab/workspaces/"  # where JupyterLab's addresses part: the server before it, what is opened after it


# JupyterLab before 4.5: its table of contents meets a cell that is not drawn yet.
LABS_OWN = re.compile(r"reading 'type'.*_onCellInViewportChanged", re.DOTALL)


# Down by 300 pixels, and from the end back to the top: JupyterLab builds what comes into sight. Whether this is the end now.
SCROLL = """() => {
  const panel = document.querySelector(".jp-WindowedPanel-outer");
  const last = () => panel.scrollTop + panel.clientHeight >= panel.scrollHeight - 1;
  panel.scrollTo(0, last() ? 0 : panel.scrollTop + 300);
  return last();
}"""


def save_and_reload(page: Page) -> None:
    """Save the notebook, and load its page anew once it is saved."""
    page.keyboard.press("Control+s")
    expect(page.locator(".jp-mod-dirty")).to_have_count(0)
    page.reload()
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)


def scroll_to(page: Page, wanted: Locator, seconds: float = 60) -> None:
    """Scroll through the notebook until this is there; where a slow page is overtaken by the scrolling, from the top again."""
    end = time.monotonic() + seconds
    while not wanted.count() and time.monotonic() < end:
        at_end = page.evaluate(
            SCROLL
        )  # where what is wanted often stands, and needs time to be drawn
        page.wait_for_timeout(3000 if at_end else 200)


def _note(errors: list[str], text: str) -> None:
    if not HARMLESS.search(text):
        errors.append(text)


def _note_fault(errors: list[str], error: Error) -> None:
    """Note an exception that nobody caught, unless it is JupyterLab's own."""
    if not LABS_OWN.search(f"{error.message} {error.stack}"):
        _note(errors, f"page error: {error} {(error.stack or '')[:600]}")


class Notebooks:
    """Opens notebooks in the JupyterLab at `address`, which keeps all its files under `scratch`."""

    def __init__(self, browser: Browser, address: str, scratch: Path) -> None:
        self.browser, self.address, self.scratch = browser, address, scratch
        self.folder = scratch / "lessons"
        self.server, self.query = address.partition(WORKSPACE)[0], address.partition("?")[2]
        self.count = 0

    @contextmanager
    def first(self) -> Iterator[tuple[Page, list[str]]]:
        """What the server's own address opens, and the list that its console errors go to."""
        with self._opened(self.address, 1280, 800) as found:
            yield found

    @contextmanager
    def lesson(
        self, number: str, change: Callable[[Any], None] = lambda _: None, *, height: int = 800
    ) -> Iterator[tuple[Page, list[str], Any]]:
        """A copy of this lesson, after `change(notebook)`: the page, its console errors, and the notebook."""
        (path,) = self.folder.glob(f"{number}_*.ipynb")
        notebook = nbformat.read(path, as_version=4)
        change(notebook)
        with self._opened(self._write(notebook, path.name), 1280, height) as (page, errors):
            yield page, errors, notebook

    @contextmanager
    def ran(self, cells: Sequence[str]) -> Iterator[tuple[Page, list[str]]]:
        """A notebook of these cells, all of them run, and the list that its console errors go to."""
        new = nbformat.v4
        notebook = new.new_notebook(
            cells=[new.new_code_cell(cell.strip()) for cell in cells],
            metadata={
                "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
            },
        )
        with self._opened(self._write(notebook, "boards.ipynb"), 1280, 800) as (page, errors):
            run_all(page)
            page.wait_for_selector(".tlt-board canvas")
            yield page, errors

    def connection_file(self) -> Path:
        """How to reach the kernel of the notebook that is open."""
        (kernel,) = self._kernels()
        return self.scratch / "runtime" / f"kernel-{kernel}.json"

    def _write(self, notebook: Any, name: str) -> str:
        """Put the notebook into a folder that no walk has used; its address, in a workspace that none has used."""
        self.count += 1
        folder = self.folder / f"walk-{self.count}"
        folder.mkdir()
        nbformat.write(notebook, folder / name)
        return f"{self.server}{WORKSPACE}walk-{self.count}/tree/{folder.name}/{quote(name)}?{self.query}"

    @contextmanager
    def _opened(self, address: str, width: int, height: int) -> Iterator[tuple[Page, list[str]]]:
        """A page with this address in a context of its own, once its kernel is there; afterward neither is."""
        self._forget()
        errors: list[str] = []
        context = self.browser.new_context(viewport={"width": width, "height": height})
        try:
            page = context.new_page()
            page.on(
                "console",
                lambda message: _note(errors, message.text) if message.type == "error" else None,
            )
            page.on("pageerror", lambda error: _note_fault(errors, error))
            page.goto(address, timeout=120_000)
            page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=120_000)
            page.locator(".jp-Notebook .jp-Cell").first.click()
            idle = page.locator(
                ".jp-StatusBar-TextItem", has_text="Idle"
            )  # what a kernel is asked before is lost
            expect(idle).to_be_visible(timeout=120_000)
            yield page, errors
        finally:
            context.close()
            self.end_kernels()

    def _forget(self) -> None:
        """Remove what a learner before left behind: answers, and settings of JupyterLab (a theme)."""
        Path(os.environ[VARIABLE]).unlink(missing_ok=True)
        shutil.rmtree(self.scratch / "config" / "lab" / "user-settings", ignore_errors=True)

    def end_kernels(self) -> None:
        """End what runs, as the server does when it ends."""
        for kernel in self._kernels():
            self._call("DELETE", f"/api/kernels/{kernel}")

    def _kernels(self) -> list[str]:
        return [kernel["id"] for kernel in json.loads(self._call("GET", "/api/kernels"))]

    def _call(self, method: str, path: str) -> bytes:
        request = Request(f"{self.server}{path}?{self.query}", method=method)  # noqa: S310 - our own server
        with urlopen(request, timeout=60) as answer:  # noqa: S310
            found: bytes = answer.read()
        return found
