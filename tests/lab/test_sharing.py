"""A board's Share menu: files made beside the training, told how far, and handed to the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import tltutor as tl
from tltutor.recording import Recording

Open = Callable[..., tl.Lab]


class Page:
    """What the page of a board's foot is told."""

    def __init__(self, lab: tl.Lab, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lab, self.files, self.told = lab, list[tuple[str, bytes]](), list[dict[str, Any]]()
        foot = lab.board.foot
        monkeypatch.setattr(
            foot, "say", lambda content, buffers: self.files.append((content["name"], buffers[0]))
        )
        foot.observe(lambda change: self.told.append(change["new"]), "making")

    def share(self, kind: str) -> None:
        self.lab.board.foot.receive("message", {"kind": "share", "as": kind})
        self.lab._sharing.wait(60)


@pytest.fixture
def page(open_small: Open, monkeypatch: pytest.MonkeyPatch) -> Page:
    lab = open_small("mmd")
    lab.step(6)
    lab.wait()
    return Page(lab, monkeypatch)


@pytest.mark.parametrize(
    ("kind", "first"),
    [("png", b"\x89PNG"), ("svg", b"<?xml"), ("html", b"<!DOCTYPE html>"), ("gif", b"GIF89a")],
)
def test_a_run_is_handed_over_as_a_file(page: Page, kind: str, first: bytes) -> None:
    page.share(kind)
    [(name, data)] = page.files
    assert name == f"small-step-6.{kind}"
    assert data.startswith(first)
    assert page.told[0] == {"kind": kind, "done": 0, "total": 0}
    assert page.told[-1] == {}
    if kind == "gif":
        done = [told["done"] for told in page.told[1:-1]]
        assert done == sorted(done)
        assert done[-1] == page.told[-2]["total"]


def test_a_picture_is_of_the_frame_that_is_shown(page: Page) -> None:
    page.lab.scrub(0)
    page.share("svg")
    [(name, data)] = page.files
    assert name == "small-step-0.svg"
    assert b">step 0" in data.replace(b"\n", b""), "letters stay letters"


def test_what_goes_wrong_is_said_and_the_next_file_is_made(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr("tltutor.export.export", broken)
        page.share("png")
    assert "no space left" in page.lab.board.error.text
    assert page.lab.board.foot.making == {}
    page.share("png")
    assert len(page.files) == 1


def test_one_file_is_made_at_a_time(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    go, begun = threading.Event(), list[Recording]()

    def slow(recording: Recording, path: Any, **_: Any) -> None:
        begun.append(recording)
        go.wait(10)
        path.write_bytes(b"x")

    monkeypatch.setattr("tltutor.export.export", slow)
    foot = page.lab.board.foot
    for kind in ("gif", "png"):
        foot.receive("message", {"kind": "share", "as": kind})
    go.set()
    page.lab._sharing.wait(10)
    assert len(begun) == 1
    assert [name for name, _ in page.files] == ["small-step-6.gif"]
