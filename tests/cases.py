"""Many cases in one test, all that fail reported together by name; and a package that not every machine has."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import pytest

Case = TypeVar("Case")
FAULTS = (Exception, pytest.fail.Exception)  # "DID NOT RAISE" is the second


def for_each(cases: Iterable[Case], check: Callable[[Case], object]) -> None:
    """Call `check` with every case; raise an exception group of those that failed, each with a note that names its case."""
    faults: list[BaseException] = []
    cases = list(cases)
    assert cases, "no case was tried"
    for case in cases:
        try:
            check(case)
        except FAULTS as fault:
            fault.add_note(f"case: {case}")
            faults.append(fault)
    if faults:
        raise BaseExceptionGroup(f"{len(faults)} of {len(cases)} cases failed", faults)


def text_package(name: str) -> Any:
    """Import one of the packages of the extra [text]; the test skips where it is not installed."""
    return pytest.importorskip(name, reason=f"no text packages: {name} is not installed")
