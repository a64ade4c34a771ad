"""A file is written whole or not at all, and what keeps it from being written is one sentence with a remedy."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from tltutor.files import check_place, replacing


def test_the_new_file_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with replacing(path, "note") as part:
        part.write_text("new")
        assert (part.parent, part.suffix) == (tmp_path, ".txt")
        assert path.read_text() == "old", "until the block ends"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    for fault, raised in (
        (ValueError("mine"), "^mine$"),
        (OSError(28, "disk full"), "the note could not be saved .*disk full"),
    ):
        with pytest.raises(type(fault), match=raised), replacing(path, "note") as part:
            part.write_text("half")
            raise fault
        assert path.read_text() == "old"
        assert list(tmp_path.iterdir()) == [path]


def test_the_data_are_on_the_disk_before_the_rename(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (done.append("fsync"), fsync(fd)))
    monkeypatch.setattr(
        Path, "replace", lambda part, path: (done.append("replace"), replace(part, path))
    )
    with replacing(tmp_path / "a.txt", "note") as part:
        part.write_text("new")
    assert done == ["fsync", "replace"]


def test_two_threads_do_not_write_into_one_anothers_file(tmp_path: Path) -> None:
    path, meet = tmp_path / "a.txt", threading.Barrier(2)

    def write(text: str) -> None:
        with replacing(path, "note") as part:
            meet.wait(30)
            part.write_text(text)
            meet.wait(30)
            assert part.read_text() == text

    faults: list[Any] = []
    threads = [
        threading.Thread(target=lambda t=t: faults.extend(_fault(write, t))) for t in ("one", "two")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert path.read_text() in ("one", "two")
    assert list(tmp_path.iterdir()) == [path]


def _fault(write: Any, text: str) -> list[BaseException]:
    try:
        write(text)
    except BaseException as fault:  # noqa: BLE001 - a thread's fault must reach the test
        return [fault]
    return []


def test_a_place_that_cannot_be_written_is_named_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder").mkdir()
    missing = tmp_path / "none" / "a.txt"
    with pytest.raises(
        FileNotFoundError, match=f"there is no folder {missing.parent}: create it first"
    ):
        check_place(missing, "note")
    with (
        pytest.raises(IsADirectoryError, match="a folder has this name: choose another name"),
        replacing(tmp_path / "folder", "note"),
    ):
        pytest.fail("the block must not begin")
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(
        PermissionError, match=f"the folder {tmp_path} may not be written to: choose another one"
    ):
        check_place(tmp_path / "a.txt", "note")


def test_a_check_creates_nothing(tmp_path: Path) -> None:
    check_place(tmp_path / "a.txt", "note")
    assert list(tmp_path.iterdir()) == []


def test_a_home_folders_sign_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with replacing("~/a.txt", "note") as part:
        part.write_text("new")
    assert (tmp_path / "a.txt").read_text() == "new"


def test_a_device_is_written_to_and_stays_a_device() -> None:
    with replacing(os.devnull, "note") as part:
        part.write_text("gone")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
