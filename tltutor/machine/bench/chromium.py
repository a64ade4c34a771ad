"""Drive `tltutor lab` in a headless Chromium, for the benchmark and the browser tests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync", "--disable-quic"),
    *("--disable-background-networking", "--disable-component-update"),
)
PLACES = ("CONFIG", "RUNTIME", "DATA")
HARMLESS = re.compile(r"favicon|net::ERR_|Failed to load resource")
STARTED = "() => [...document.querySelectorAll('.jp-InputArea-prompt')].some(e => /\\[[*0-9]/.test(e.innerText))"
PENDING = "() => ![...document.querySelectorAll('.jp-InputArea-prompt')].some(e => /\\[\\*/.test(e.innerText))"


def find_chromium() -> str | None:
    """Return the program of a Chromium or Chrome, or None."""
    return next(filter(None, map(shutil.which, CHROMIUMS)), None)


def own_places(scratch: Path) -> dict[str, str]:
    """Return the environment with Jupyter's settings, runtime files and data below this folder."""
    places = {f"JUPYTER_{name}_DIR": str(scratch / name.lower()) for name in PLACES}
    return {**os.environ, **places}


def end(server: subprocess.Popen[Any]) -> None:
    """End a server that was started here, in its own way or else at once."""
    server.terminate()
    try:
        server.wait(15)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@contextmanager
def served(folder: Path, scratch: Path, lesson: str = "01") -> Iterator[str]:
    """Run `tltutor lab LESSON --folder FOLDER` with separate Jupyter settings in `scratch`; yield the address with its token."""
    words = ["lab", lesson, "--folder", str(folder), "--no-browser", "--port", "18888"]
    with (scratch / "server.log").open("w+", encoding="utf-8") as log:
        server = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "tltutor.cli", *words],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=own_places(scratch),
        )
        try:
            yield _address(server, log.name)
        finally:
            end(server)
            if server.stdout is not None:
                server.stdout.close()


def _address(server: subprocess.Popen[str], log: str) -> str:
    for line in server.stdout or ():
        if found := re.search(r"http://127\.0\.0\.1:\S+", line):
            return found.group()
    raise RuntimeError(f"JupyterLab did not start: {Path(log).read_text('utf-8')[-2000:]}")


@contextmanager
def opened(address: str, width: int = 1280, height: int = 800) -> Iterator[tuple[Page, list[str]]]:
    """Open the page at this address; yield it and the list of its console errors."""
    from playwright.sync_api import sync_playwright

    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = browser.new_page(viewport={"width": width, "height": height})
        page.on(
            "console",
            lambda message: _note(errors, message.text) if message.type == "error" else None,
        )
        page.on("pageerror", lambda error: _note(errors, f"page error: {error}"))
        page.goto(address, timeout=120_000)
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=120_000)
        page.locator(".jp-Notebook .jp-Cell").first.click()
        yield page, errors
        browser.close()


def _note(errors: list[str], text: str) -> None:
    if not HARMLESS.search(text):
        errors.append(text)


def run_all(page: Page, timeout: float = 180_000) -> None:
    """Run all cells, repeated until one starts (the command is lost while the kernel connects); wait for the last."""
    from playwright.sync_api import TimeoutError as TooLate

    for _ in range(10):
        page.click('.lm-MenuBar-itemLabel:text-is("Run")')
        page.click('.lm-Menu-itemLabel:text-is("Run All Cells")')
        try:
            page.wait_for_function(STARTED, timeout=6000)
            break
        except TooLate:
            continue
    page.wait_for_function(PENDING, timeout=timeout)


def status(page: Page) -> dict[str, Any]:
    """Return state and step from the first board's status line."""
    line = page.locator(".tlt-status").first
    return {
        "state": line.get_attribute("data-state"),
        "step": int(line.get_attribute("data-step") or 0),
    }
