"""What the browser tests share: one JupyterLab and one Chromium for all of them; every walk opens a notebook, a page and a kernel in it."""

from __future__ import annotations

import ast
import json
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jupyter_client import BlockingKernelClient
from keyboard import Learner, learning
from notebooks import Notebooks
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tltutor.machine.bench.chromium import FLAGS, run_all, served

if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # as in a shell's background, whose children could not be interrupted
    signal.signal(signal.SIGINT, signal.default_int_handler)
expect.set_options(
    timeout=30_000
)  # a shared machine may be slow; what must be quick says so itself


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """The one Chromium. Tests open contexts in it, which share neither cookies nor storage."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="package")
def notebooks(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebooks]:
    """The one JupyterLab, started as a learner starts it."""
    scratch = tmp_path_factory.mktemp("jupyter")
    with served(scratch / "lessons", scratch) as address:
        yield Notebooks(browser, address, scratch)


@pytest.fixture(scope="module")
def lesson(notebooks: Notebooks) -> Iterator[tuple[Page, list[str]]]:
    """Lesson 01 with all its cells run, and the list that its console errors go to."""
    with notebooks.lesson("01") as (page, errors, _):
        run_all(page)
        page.wait_for_selector(".tlt-board canvas")
        yield page, errors


@pytest.fixture(scope="module")
def page(lesson: tuple[Page, list[str]]) -> Page:
    return lesson[0]


@pytest.fixture(scope="module")
def errors(lesson: tuple[Page, list[str]]) -> list[str]:
    return lesson[1]


@pytest.fixture(scope="module")
def learner(request: pytest.FixtureRequest, notebooks: Notebooks) -> Iterator[Learner]:
    """The lesson whose number the test's module names as LESSON, in the hands of someone without a mouse."""
    with learning(request.module.LESSON, notebooks) as found:
        yield found


@pytest.fixture(scope="module")
def ask(page: Page, notebooks: Notebooks) -> Iterator[Callable[[str], Any]]:
    """Ask the notebook's kernel for the value of an expression, through a second client."""
    assert page
    client = BlockingKernelClient(connection_file=str(notebooks.connection_file()))
    client.load_connection_file()
    client.start_channels()

    def told(expression: str) -> dict[str, Any]:
        imports = "import json, threading, traceback, ipywidgets"
        asked = {"x": f"json.dumps({expression})"}
        reply = client.execute(imports, user_expressions=asked, reply=True)
        return dict(reply["content"]["user_expressions"]["x"])

    def value(expression: str) -> Any:
        found = told(expression)
        if found["status"] != "ok":  # a run that has failed says where
            pytest.fail(f"{found}\n{told('traceback.format_exception(lab.error)')}")
        return json.loads(ast.literal_eval(found["data"]["text/plain"]))

    yield value
    client.stop_channels()
