"""A board and a lesson's card in Jupyter Notebook 7, Voila and marimo: they open, train, and answer the keyboard as in JupyterLab."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from textwrap import indent
from urllib.error import HTTPError
from urllib.request import urlopen

import nbformat
import psutil
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tltutor.lessons.progress import VARIABLE
from tltutor.lessons.wording import script
from tltutor.machine.bench.chromium import end, own_places, run_all

pytestmark = (
    pytest.mark.slow
)  # test_truth.py and its neighbors drive the same program in JupyterLab

LAB = """import tltutor as tl
lab = tl.Lab("moons->rotated-moons", "dann", steps=100_000, snapshot_size=60, projection="pca", speed=50)
lab"""
CARD = """from tltutor import lessons
lesson = lessons.begin("05")
lesson.explain("tiny-rate")"""
MARIMO = """import marimo
app = marimo.App()

@app.cell
def _():
{card}
    return

@app.cell
def _():
{board}
    return

if __name__ == "__main__":
    app.run()
"""
STARTS = 90.0  # seconds that a server may take, and a board in it
# Where a board's program comes from in a page; what else goes wrong there is the front end's own, which differs by version.
OURS = ("blob:", "anywidget", "@file", "tlt-")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook and a marimo file with the same card and board."""
    found = tmp_path_factory.mktemp("fronts")
    new = nbformat.v4
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [new.new_code_cell(cell) for cell in (CARD, LAB)]
    notebook = new.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, found / "board.ipynb")
    card, board = (indent(cell, "    ") for cell in (CARD, LAB))
    (found / "board.py").write_text(MARIMO.format(card=card, board=board), "utf-8")
    return found


@contextmanager
def serving(folder: Path, module: str, *arguments: str) -> Iterator[str]:
    """`python -m module arguments` on a free port of 127.0.0.1; its address, once it answers."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [sys.executable, "-m", module, *(a.format(port=port) for a in arguments)]
    with (folder / f"{module}.log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=folder, env=own_places(folder), stdout=log, stderr=subprocess.STDOUT
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address, server, folder / f"{module}.log")
        yield address
    finally:
        end(server)


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS
    while time.monotonic() < until and server.poll() is None:
        try:
            urlopen(f"{address}/static/none", timeout=5)  # noqa: S310 - http on 127.0.0.1
        except HTTPError:
            return  # it answers, if only that there is no such page
        except OSError:
            pass
        else:
            return
        time.sleep(0.3)
    pytest.fail(f"the server did not start: {log.read_text('utf-8')[-2000:]}")


@contextmanager
def opened(browser: Browser, address: str) -> Iterator[tuple[Page, list[str]]]:
    """A page with this address, and what goes wrong in it that is not the front end's own."""
    page, faults = browser.new_page(viewport={"width": 1280, "height": 1000}), list[str]()
    page.on("pageerror", lambda error: faults.append(f"{error} {error.stack}"))
    page.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    page.goto(address, wait_until="commit", timeout=1000 * STARTS)
    yield page, faults
    page.close()
    assert [fault for fault in faults if any(name in fault for name in OURS)] == []


def answers(page: Page) -> None:
    """A question takes an answer by keyboard, and says what is wrong with it and what is right."""
    question = script("05").explain["tiny-rate"]
    card = page.locator(".tlt-card")
    expect(card).to_be_visible(timeout=1000 * STARTS)
    for option in sorted(question.options, key=question.is_right):
        radio = card.get_by_role("radio", name=option.text["en"])
        radio.focus()
        page.keyboard.press("Space")
        card.get_by_role("button", name="Check").press("Enter")
        expect(card.locator(".tlt-note")).to_contain_text(option.feedback["en"])
    expect(radio).to_be_disabled()
    expect(radio).to_be_checked()
    assert card.evaluate("(card) => getComputedStyle(card).borderRadius") == "8px"


def works(page: Page) -> None:
    """The board plays, a slider is heard, a point shows its neighbors, and it pauses."""
    lab = page.locator(".tlt-board")
    expect(lab).to_be_visible(timeout=1000 * STARTS)
    play = lab.get_by_role("button", name="Play", exact=True)
    play.focus()
    page.keyboard.press("Enter")
    expect(lab.locator(".tlt-status")).to_have_attribute(
        "data-step", re.compile(r"^[2-9]\d|\d{3}"), timeout=1000 * STARTS
    )
    move(lab.get_by_role("slider", name="weight").first)
    expect(lab.locator('.tlt-tick[data-kind="change"]')).to_have_count(1)
    lab.get_by_role("button", name="Pause", exact=True).press("Enter")
    expect(lab.locator(".tlt-status")).to_have_attribute("data-state", "paused")
    canvas = lab.locator(".tlt-stage canvas")
    canvas.focus()
    canvas.press("End")
    expect(lab.locator(".tlt-map .tlt-near figure")).to_have_count(5)


def fits(page: Page, place: str, width: int) -> None:
    """At this width nothing of the board or the card sticks out or is hidden from a finger."""
    page.set_viewport_size({"width": width, "height": 900})
    lab = page.locator(place)
    sticks_out = """board => [...board.querySelectorAll("*")].filter((one) => {
          const place = one.getBoundingClientRect(), around = one.closest(".tlt-net, .tlt-tip, canvas, [hidden]");
          return place.width && !around && place.right > board.getBoundingClientRect().right + 1;
        }).map((one) => `${one.tagName}.${one.className}`).slice(0, 5)"""
    with suppress(PlaywrightTimeout):  # the layout follows the window
        page.wait_for_function(
            f"(board) => ({sticks_out})(board).length === 0",
            arg=lab.element_handle(),
            timeout=10_000,
        )
    assert lab.evaluate(sticks_out) == [], width
    low = lab.evaluate(
        """board => [...board.querySelectorAll("button, select, input")].filter((one) => {
          const { width, height } = (one.closest("label") ?? one).getBoundingClientRect();
          return width && height && !one.closest(".tlt-ticks, .tlt-panel td") && (width < 24 || height < 23.5);
        }).map((one) => `${one.className} ${one.textContent.slice(0, 20)} ${one.getBoundingClientRect().height}`)"""
    )
    assert low == [], width


def move(slider: Locator) -> None:
    slider.focus()
    slider.press("ArrowLeft")


SERVERS = {
    "notebook": "--no-browser --allow-root --ip=127.0.0.1 --port={port} --IdentityProvider.token=tests",
    "voila": "board.ipynb --no-browser --Voila.ip=127.0.0.1 --port={port}",
    "marimo": "run board.py --headless --host 127.0.0.1 --port {port}",
}
PATHS = {"notebook": "/notebooks/board.ipynb?token=tests"}


@pytest.mark.parametrize("module", SERVERS)
def test_the_board_works_there(browser: Browser, folder: Path, module: str) -> None:
    Path(os.environ[VARIABLE]).unlink(missing_ok=True)  # nobody has answered yet
    arguments, path = SERVERS[module].split(), PATHS.get(module, "/")
    with serving(folder, module, *arguments) as address, opened(browser, address + path) as found:
        page, _ = found
        if module == "notebook":
            expect(page.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible(
                timeout=1000 * STARTS
            )
            run_all(page)
        works(page)
        answers(page)
        if module == "voila":  # which leaves a page to the board; 640 is 1280 at 200 %
            for width in (900, 640, 390):
                for place in (".tlt-board", ".tlt-cards"):
                    fits(page, place, width)


@contextmanager
def app(folder: Path, *words: str) -> Iterator[tuple[str, int]]:
    """`tltutor app` with these words on a free port; its address, with the token, and its process."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = str(found.getsockname()[1])
    command = [sys.executable, "-m", "tltutor.cli", "app", *words, "--no-browser", "--port", port]
    log = folder / "app.log"
    with log.open("w") as file:
        server = subprocess.Popen(
            command, cwd=folder, env=own_places(folder), stdout=file, stderr=subprocess.STDOUT
        )
    try:
        wait_for(f"http://127.0.0.1:{port}", server, log)
        told = re.search(rf"http://127\.0\.0\.1:{port}/\S*token=\w+", log.read_text("utf-8"))
        assert told, log.read_text("utf-8")
        yield told.group(), server.pid
    finally:
        end(server)


def kernels(server: int) -> int:
    started = psutil.Process(server).children(recursive=True)
    return sum("ipykernel" in " ".join(process.cmdline()) for process in started)


def test_a_kiosk_begins_anew_after_a_rest(browser: Browser, tmp_path: Path) -> None:
    with app(tmp_path, "12", "--board", "slow", "--kiosk", "6") as (address, server):
        with urlopen(address.partition("?")[0], timeout=10) as answer:  # noqa: S310 - http on 127.0.0.1
            assert "/login" in answer.url, "without the token nobody gets in"
        with opened(browser, address) as (page, _):
            status = page.locator(".tlt-status")
            expect(status).to_be_visible(timeout=1000 * STARTS)
            expect(page.get_by_role("heading", name="12 · The adversary: DANN")).to_be_visible()
            page.evaluate("window.first = true")
            page.get_by_role("button", name="Play", exact=True).click()
            expect(page.locator(".tlt-kiosk")).to_contain_text(
                re.compile(r"begins anew in [123] s"), timeout=20_000
            )
            page.keyboard.press("Shift")
            expect(page.locator(".tlt-kiosk")).to_be_hidden()
            page.wait_for_function("() => !window.first", timeout=60_000)
            expect(status).to_have_attribute("data-step", "0", timeout=1000 * STARTS)
            until = time.monotonic() + 20
            while kernels(server) > 1 and time.monotonic() < until:
                time.sleep(0.5)
            assert kernels(server) == 1, "the page before has taken its kernel along"
