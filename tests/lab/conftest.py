"""What the lab's tests share: a small board that is closed when the test is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import tltutor as tl

SMALL = {"steps": 30, "snapshot_size": 24, "name": "small"}


@pytest.fixture
def open_small(closing: Callable[[Any], Any]) -> Callable[..., tl.Lab]:
    """Called with an objective and a lab's other options, opens it on the moons."""

    def opened(objective: str, **options: Any) -> tl.Lab:
        pair = options.pop("pair", "moons->rotated-moons")
        lab: tl.Lab = closing(tl.Lab(pair, objective, **{**SMALL, **options}))
        return lab

    return opened
