"""One real JupyterLab, started as a learner starts it, with lesson 01 open in a headless Chromium."""

from __future__ import annotations

import ast
import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client import BlockingKernelClient
from keyboard import Learner, learning
from playwright.sync_api import Page, expect

from tltutor.machine.bench.chromium import opened, run_all, served

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a shell's background, whose children could not be interrupted
    signal.signal(signal.SIGINT, signal.default_int_handler)
expect.set_options(timeout=30_000)  # a shared machine may be slow; what must be quick says so itself


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("jupyter")


@pytest.fixture(scope="module")
def lesson(chromium: str, scratch: Path) -> Iterator[tuple[Page, list[str]]]:
    """Lesson 01 with all its cells run, and the list that its console errors go to."""
    assert chromium
    with served(scratch / "lessons", scratch) as address, opened(address) as (page, errors):
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
def learner(request: pytest.FixtureRequest, chromium: str, scratch: Path) -> Iterator[Learner]:
    """The lesson whose number the test's module names as LESSON, in the hands of someone without a mouse."""
    assert chromium
    with learning(request.module.LESSON, scratch) as found:
        yield found


@pytest.fixture(scope="module")
def ask(page: Page, scratch: Path) -> Iterator[Callable[[str], Any]]:
    """Ask the lesson's own kernel for the value of an expression, by a second client."""
    assert page
    files = sorted((scratch / "runtime").glob("kernel-*.json"), key=lambda p: p.stat().st_mtime)
    client = BlockingKernelClient(connection_file=str(files[-1]))
    client.load_connection_file()
    client.start_channels()

    def value(expression: str) -> Any:
        reply = client.execute(
            "import json, threading, ipywidgets", user_expressions={"x": f"json.dumps({expression})"}, reply=True
        )
        found = reply["content"]["user_expressions"]["x"]
        assert found["status"] == "ok", found
        return json.loads(ast.literal_eval(found["data"]["text/plain"]))

    yield value
    client.stop_channels()
