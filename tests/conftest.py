"""What all tests share: threads, helpers by name, marks, an order for workers, only listed skips, real data and a browser by name."""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from fnmatch import fnmatch
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest

# One thread: sums come in one order, and test runs that share a machine do not spin against each other. Set before torch loads.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("MPLBACKEND", "agg")
os.environ["TLTUTOR_PROGRESS"] = str(
    Path(tempfile.mkdtemp()) / "progress.jsonl"
)  # never the learner's own
os.environ.pop("TLTUTOR_LANG", None)

HERE = Path(__file__).parent
# Helpers (waiting.py, boards.py, a test module that lends its functions) are imported by name, wherever below this folder they lie.
sys.path[:0] = sorted({str(file.parent) for file in HERE.rglob("*.py")} - set(sys.path))

SKIPS = HERE / "skips.txt"
MARKED_BY_FIXTURE = {"chromium": "browser", "data_root": "data"}
LONGEST_FIRST = (
    "browser",
    "claims",
)  # then lessons and notebooks, then all others: the workers end at about the same time
GRACE = 2.0  # seconds in which a stopped player may finish its last step
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
EXAMPLES = "examples"  # the folder of notebooks on real data
NO_DATA = "no real data: TLTUTOR_DATA names no folder"
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


# Every test that was collected, and whether it is slow, before -m selects.
COLLECTED = pytest.StashKey[list[tuple[str, bool]]]()


class Allowed(NamedTuple):
    """One line of skips.txt: tests in files that match may skip with a reason that matches, unless their kind is required."""

    kind: str
    files: str
    reason: str


def allowed_skips() -> tuple[Allowed, ...]:
    lines = (line.strip() for line in SKIPS.read_text("utf-8").splitlines())
    return tuple(
        Allowed(*(part.strip() for part in line.split("|")))
        for line in lines
        if line and not line.startswith("#")
    )


def complaint(test: str, reason: str, required: set[str]) -> str | None:
    """Why this skip is not in order, or None. `required` are the kinds that may not skip here."""
    file = test.split("::", maxsplit=1)[0]
    lines = [
        line
        for line in allowed_skips()
        if fnmatch(file, line.files) and fnmatch(reason, line.reason)
    ]
    if not lines:
        return f"{test} skipped ({reason}), which tests/skips.txt does not list"
    kinds = {line.kind for line in lines}
    return (
        f"{test} skipped ({reason}), but {'/'.join(sorted(kinds))} tests must run here"
        if kinds <= required
        else None
    )


class SkipKeeper:
    """Fails the run when a test skips that is not on the list, or that must run on this machine (TLTUTOR_REQUIRED)."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.required = set(os.environ.get("TLTUTOR_REQUIRED", "").split())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._hear(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._hear(report)

    def _hear(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if not report.skipped or hasattr(report, "wasxfail"):
            return
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        found = complaint(report.nodeid, reason.removeprefix("Skipped: "), self.required)
        self.complaints.extend([found] if found else [])

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.complaints and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.complaints:
            terminalreporter.section("skips that are not in order", red=True)
            for line in self.complaints:
                terminalreporter.line(line)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(SkipKeeper(), "skip-keeper")


@pytest.hookimpl(tryfirst=True)  # before -m selects by these marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what fixtures and places say about a test, note which are slow, and put the longest groups first."""
    for item in items:
        for fixture, mark in MARKED_BY_FIXTURE.items():
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(mark)
        if item.path.suffix == ".ipynb":
            item.add_marker("slow")  # tests/lessons runs each lesson with short runs
            if item.path.parent.name == EXAMPLES and not _data():
                item.add_marker(pytest.mark.skip(reason=NO_DATA))
    items[:] = [item for item in items if not _is_told_twice(item)]
    if items:
        items[0].config.stash[COLLECTED] = [
            (item.nodeid, item.get_closest_marker("slow") is not None) for item in items
        ]
    items.sort(key=_turn)


def _is_told_twice(item: pytest.Item) -> bool:
    """Whether it is a Chinese notebook: its code is the English one's, cell by cell, as tests/lessons hold."""
    return item.path.suffix == ".ipynb" and item.path.parent.name == "zh"


def _turn(item: pytest.Item) -> int:
    """Which tests come first; those of one file stay together."""
    turns = [i for i, mark in enumerate(LONGEST_FIRST) if item.get_closest_marker(mark)]
    lesson = item.path.suffix == ".ipynb" or item.path.stem == "test_lessons"
    return min(turns, default=len(LONGEST_FIRST) + (not lesson))


def shared_by(nodeid: str) -> str:
    """Name the group of tests that one worker runs: a file's, whose runs are trained once; all of the browser's, on one JupyterLab."""
    file = nodeid.split("::", maxsplit=1)[0]
    return "browser" if Path(file).parent.name == "browser" else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each worker whole groups, in the order of pytest_collection_modifyitems."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return shared_by(nodeid)

    config.option.loadscopereorder = False
    return ByFile(config, log)


def _players() -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t.name.startswith("tltutor-")]


@pytest.fixture(autouse=True)
def no_player_left() -> Iterator[None]:
    """After each test no player's thread lives."""
    yield
    until = time.monotonic() + GRACE
    for thread in _players():
        thread.join(max(0.0, until - time.monotonic()))
    assert not _players(), "a test must stop its players"


@pytest.fixture
def collected(pytestconfig: pytest.Config) -> list[tuple[str, bool]]:
    """Every test that this run has found, and whether it is slow."""
    return pytestconfig.stash[COLLECTED]


class NoSettler:
    """Never answers."""

    def ask(self, *_: object, **__: object) -> None: ...

    def warm(self) -> None: ...


@pytest.fixture(autouse=True)
def no_settled_map(monkeypatch: pytest.MonkeyPatch) -> None:
    """Boards in this process start no worker for umap-learn, which takes ten seconds to warm; its own tests and the browser's do."""
    if "tltutor.lab.settled_map" in sys.modules:
        monkeypatch.setattr("tltutor.lab.settled_map.shared_settler", NoSettler)


@pytest.fixture
def closing() -> Iterator[Callable[[Any], Any]]:
    """Called with a lab, or whatever has close(), gives it back and closes it when the test is over."""
    with ExitStack() as stack:
        yield lambda opened: stack.enter_context(contextlib.closing(opened))


@pytest.fixture
def skada() -> Iterator[ModuleType]:
    """skada, a judge; importing it turns scikit-learn's metadata routing on for good, here only for this test."""
    import sklearn

    with sklearn.config_context():
        judge = importlib.import_module("skada")
        sklearn.set_config(enable_metadata_routing=True)
        yield judge


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder with real data sets, from TLTUTOR_DATA; the test skips without one."""
    root = _data()
    if root is None:
        pytest.skip(NO_DATA)
    return root


def _data() -> Path | None:
    root = os.environ.get("TLTUTOR_DATA")
    return Path(root) if root and Path(root).is_dir() else None


@pytest.fixture(scope="session")
def chromium() -> str:
    """The program file of a Chromium or Chrome; the test skips on a machine without one."""
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None) or (
        str(MAC_CHROME) if MAC_CHROME.exists() else None
    )
    if found is None:
        pytest.skip("no browser: neither Chromium nor Chrome is installed")
    return found


@pytest.fixture(autouse=True)
def own_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """A language that a test has chosen, or whose notebook it has run, ends with it."""
    monkeypatch.setattr("tltutor.language._chosen", [])
    monkeypatch.setattr("tltutor.language._spoken", [])
