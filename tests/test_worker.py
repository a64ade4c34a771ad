"""The owner of a child process: answers, time limits, deaths and ends, whatever the function does; this process goes on."""

from __future__ import annotations

import functools
import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import psutil
import pytest
from loky.backend import get_context

from tltutor.worker import (
    Worker,
    WorkerClosedError,
    WorkerDiedError,
    _own_modules_by_value,
    is_installed,
    packed,
)

LONG = 120.0  # seconds that a start may take on a busy machine


@pytest.fixture
def worker() -> Iterator[Worker]:
    one = Worker("tltutor-test")
    yield one
    one.close()


def pid_of(worker: Worker) -> int:
    return int(worker.call(os.getpid, timeout=LONG))


def lives(pid: int) -> bool:
    """Whether the system still knows this process, as a zombie too."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def raises(error: BaseException) -> None:
    raise error


def forever() -> None:
    while True:
        pass


def starts_another(file: Path, and_goes_on: bool) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    file.write_text(str(child.pid))
    if and_goes_on:
        forever()


def until_it_has_ended(pid: int) -> None:
    """Wait until this process is gone, or a zombie of a parent that does not wait for it."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        until(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE)


# --- answers


def test_one_child_answers_call_after_call(worker: Worker) -> None:
    assert worker.call(lambda x, y: x + y, 1, 2, timeout=LONG) == 3
    assert pid_of(worker) == pid_of(worker) != os.getpid()
    np.testing.assert_array_equal(worker.call(np.cumsum, np.ones(3)), [1, 2, 3])


def test_an_error_is_raised_here_and_the_child_lives_on(worker: Worker) -> None:
    pid = pid_of(worker)
    with pytest.raises(ZeroDivisionError):
        worker.call(lambda: 1 / 0)

    class TwoParts(Exception):  # noqa: N818 - pickle cannot rebuild it from its one message
        def __init__(self, one: str, two: str) -> None:
            super().__init__(one + two)

    for error, said in (
        (SystemExit(3), "SystemExit: 3"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (TwoParts("a", "b"), "TwoParts: ab"),
    ):
        make = (
            functools.partial(raises, error)
            if isinstance(error, SystemExit | KeyboardInterrupt)
            else lambda: raises(TwoParts("a", "b"))
        )
        with pytest.raises(RuntimeError, match=f"^{said}"):
            worker.call(make)
    with pytest.raises((TypeError, RuntimeError), match="pickle"):
        worker.call(threading.Lock)  # what it returns cannot travel
    assert pid_of(worker) == pid


def test_what_cannot_travel_is_said_before_it_is_sent(worker: Worker) -> None:
    with pytest.raises(TypeError, match="pickle"):
        worker.call(len, threading.Lock())
    assert worker._process is None


def test_what_is_prepared_comes_first_in_each_new_child(tmp_path: Path) -> None:
    worker = Worker("tltutor-test", prepare=functools.partial(os.chdir, tmp_path))
    for _ in range(2):
        assert worker.call(os.getcwd) == str(tmp_path)
        with pytest.raises(WorkerDiedError):
            worker.call(os._exit, 1)
    worker.close()


# --- limits and deaths


def test_a_call_that_is_late_is_ended_with_its_own_children(worker: Worker, tmp_path: Path) -> None:
    pid = pid_of(worker)
    with pytest.raises(TimeoutError, match="within 2 seconds"):
        worker.call(starts_another, tmp_path / "pid", True, timeout=2)
    assert not lives(pid), "neither alive nor a zombie"
    until_it_has_ended(int((tmp_path / "pid").read_text()))
    assert pid_of(worker) != pid


def test_what_a_call_has_started_ends_with_the_child_that_goes_by_itself(
    worker: Worker, tmp_path: Path
) -> None:
    worker.call(starts_another, tmp_path / "pid", False, timeout=LONG)
    worker.close()
    until_it_has_ended(int((tmp_path / "pid").read_text()))


def test_what_the_child_may_ignore_ends_it_all_the_same(worker: Worker) -> None:
    def deaf() -> None:
        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)
        sum(range(10**12))  # in C, where no other thread of the child gets a turn

    pid = pid_of(worker)
    with pytest.raises(TimeoutError):
        worker.call(deaf, timeout=0.5)
    assert not lives(pid)


@pytest.mark.parametrize(
    "end", [os._exit, lambda _: os.kill(os.getpid(), signal.SIGKILL), lambda _: os.abort()]
)
def test_a_death_is_one_error_and_the_next_call_starts_another(
    worker: Worker, end: Callable[[int], Any]
) -> None:
    pid = pid_of(worker)
    with pytest.raises(WorkerDiedError, match="call again"):
        worker.call(end, 3)
    assert not lives(pid)
    assert pid_of(worker) != pid


def test_a_death_between_two_calls_is_not_noticed(worker: Worker) -> None:
    pid = pid_of(worker)
    os.kill(pid, signal.SIGKILL)
    until(lambda: not worker._process.is_alive())
    assert pid_of(worker) != pid


# --- Ctrl-C


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C reaches this process, also where the tests run in a shell's background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_of_the_group_is_not_the_childs(worker: Worker) -> None:
    pid = pid_of(worker)
    os.kill(pid, signal.SIGINT)
    assert pid_of(worker) == pid


def test_an_interrupt_here_ends_the_call_and_leaves_the_owner_usable(
    worker: Worker, interruptible: None
) -> None:
    def interrupts(parent: int) -> None:
        time.sleep(0.3)
        while True:
            os.kill(parent, signal.SIGINT)
            time.sleep(10)  # one that came while a finalizer ran is swallowed there

    pid = pid_of(worker)
    with pytest.raises(KeyboardInterrupt):
        worker.call(interrupts, os.getpid())
    assert not lives(pid)
    assert pid_of(worker) != pid


# --- the end


def test_closing_leaves_no_process_and_no_zombie(worker: Worker) -> None:
    worker.close()  # before any start
    one = Worker("tltutor-test")
    pid = pid_of(one)
    one.close()
    assert not lives(pid)
    with pytest.raises(WorkerClosedError, match="build a new one"):
        one.call(os.getpid)
    with pytest.raises(WorkerClosedError):
        one.warm()
    one.close()


def test_closing_ends_a_call_under_way() -> None:
    worker, began = Worker("tltutor-test"), threading.Event()
    pid = pid_of(worker)
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(lambda: (began.set(), worker.call(time.sleep, 600)))
        began.wait(LONG)
        time.sleep(0.1)
        worker.close()
        assert isinstance(future.exception(LONG), WorkerDiedError | WorkerClosedError)
    assert not lives(pid)


PARENT = """
import sys, time
from tltutor.worker import Worker
worker = Worker("tltutor-test")
import os
print(worker.call(os.getpid), flush=True)
worker.call(time.sleep, 600)
"""


def test_a_child_in_the_middle_of_a_call_dies_with_its_parent() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    until_it_has_ended(pid)


# --- __main__ and threads


def test_two_starts_at_once_leave_main_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A start used to put an empty module in its place for a moment; two at once left it there for the kernel's life."""
    main, meet, seen = sys.modules["__main__"], threading.Barrier(2), []
    process = type(get_context("loky").Process())
    start = process.start

    def both_at_once(self: Any) -> None:
        meet.wait(LONG)
        seen.append(sys.modules["__main__"])
        start(self)
        seen.append(sys.modules["__main__"])
        meet.wait(LONG)

    monkeypatch.setattr(process, "start", both_at_once)
    workers = [Worker(f"tltutor-test-{i}") for i in range(2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(Worker.warm, workers))
    assert len(seen) == 4
    assert all(module is main for module in [*seen, sys.modules["__main__"]])
    for worker in workers:
        assert worker.call(lambda: hasattr(sys.modules["__main__"], "pytest")) is False
        worker.close()


def test_each_thread_gets_its_own_answer(worker: Worker) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda i: worker.call(abs, -i), range(40))) == list(range(40))


# --- what travels, and how


def test_a_learners_module_travels_as_it_is_now(
    worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    (tmp_path / "of_a_learner.py").write_text("def answer():\n    return 1\n")
    module = importlib.import_module("of_a_learner")
    monkeypatch.setitem(sys.modules, "of_a_learner", module)
    assert worker.call(module.answer) == 1
    (tmp_path / "of_a_learner.py").write_text("def answer():\n    return 2\n")
    importlib.reload(module)
    assert worker.call(module.answer) == 2
    (tmp_path / "of_a_learner.py").write_text(
        "import threading\nlock = threading.Lock()\ndef answer():\n    return 3\n"
    )
    importlib.reload(module)

    def by_way_of_the_module() -> Any:
        return module.answer()

    assert worker.call(by_way_of_the_module) == 3, "by its name, since a lock cannot travel"


def test_installed_packages_travel_by_name() -> None:
    for function in (
        np.vectorize,
        np.subtract,
        np.linalg.norm,
        pytest.approx,
        importlib.import_module,
    ):
        assert len(packed(function)) < 200
    with _own_modules_by_value():
        by_value = cloudpickle.list_registry_pickle_by_value()
    assert __name__ in by_value
    assert {"numpy", "functools", "pytest", "tltutor", "tltutor.worker", "__main__"}.isdisjoint(
        by_value
    )
    assert is_installed(pytest.__file__)
    assert is_installed(os.__file__)
    assert not is_installed(__file__)


def test_wrappers_of_a_learners_function_travel(worker: Worker) -> None:
    def twice(x: float, by: float = 2) -> float:
        return by * x

    def thrice(x: float) -> float:
        return 3 * x

    for function, wanted in (
        (functools.partial(twice, by=4), 12),
        (functools.lru_cache(maxsize=7)(thrice), 9),
        (np.vectorize(twice), 6),
        (COUNTED, 4),
    ):
        assert worker.call(function, 3) == wanted


def counted(x: int) -> int:
    return x + 1


COUNTED = functools.lru_cache(counted)


def test_the_registry_of_cloudpickle_is_left_as_it_was() -> None:
    before = set(cloudpickle.list_registry_pickle_by_value())
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(packed, [counted] * 20))
    assert set(cloudpickle.list_registry_pickle_by_value()) == before
