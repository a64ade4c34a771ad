"""`tltutor sweep`: its table, its files, what stops it, and its sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_cli import call

from tltutor.cli import sweep as command
from tltutor.evaluation.sweep.table import ORACLE

MOONS = "moons->rotated-moons"
QUICK = ["sweep", MOONS, "--objective", "dann,source-only", "--grid", "weight=.1,1", "--seeds", "2"]
QUICK += ["--steps", "30", "--batch-size", "16", "--device", "cpu", "--jobs", "1"]


def test_a_sweep_prints_its_table_and_writes_its_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sweep.json"
    code, printed, heard = call(capsys, *QUICK, "--choose", "entropy", "--out", str(out))
    assert code == 0
    assert "3 of 3 settings done" in printed
    assert "best mean entropy" in printed
    assert "dann minus source-only, as chosen" in printed
    assert heard.count(" left)") == 6, "a line a run, with an estimate of the time that is left"
    assert heard.splitlines()[-1].endswith("(3 of 3 settings done, about 0 s left)")
    result = json.loads(out.read_text())
    assert result["complete"] is True
    assert result["about"]["session"]["steps"] == 30
    code, _, heard = call(capsys, *QUICK, "--choose", "entropy", "--out", str(out))
    assert (code, heard) == (0, ""), "nothing is left to train"


def test_ctrl_c_leaves_a_table_and_a_file_from_which_it_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, show, heard = tmp_path / "sweep.json", command._show, []

    def stop(*shown: object) -> None:
        show(*shown)  # type: ignore[arg-type]
        heard.append(shown)
        if len(heard) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(command, "_show", stop)
        code, printed, err = call(capsys, *QUICK, "--out", str(out))
    assert code == 130
    assert "1 of 3 settings done" in printed
    assert "stopped by Ctrl-C" in err
    assert json.loads(out.read_text())["complete"] is False
    code, printed, err = call(capsys, *QUICK, "--out", str(out))
    assert code == 0
    assert err.count(" left)") == 4
    assert "3 of 3 settings done" in printed


def test_wrong_usage_exits_2_a_foreign_file_1_each_with_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "diary.json").write_text("dear diary")
    wrong = {
        ("--grid", ";"): (2, "at least one setting, got none"),
        ("--choose", "iwvc"): (2, "did you mean 'iwcv'"),
        ("--grid", "weight=1e9"): (2, "got '1e9'"),
        ("--search", "gird"): (2, "did you mean 'grid'"),
        ("--jobs", "0"): (2, "jobs must be a whole number between 1"),
        ("--out", str(tmp_path / "diary.json")): (1, "must be the result of a sweep"),
        ("--scheduler", "tcp://x:1"): (1, "needs the backend 'dask'"),
    }
    for words, (expected, sentence) in wrong.items():
        code, out, err = call(capsys, *QUICK, *words)
        assert (code, out) == (expected, ""), words
        assert sentence in err
        assert "Traceback" not in err
    assert (tmp_path / "diary.json").read_text() == "dear diary"


def test_a_terminal_shows_the_oracle_dimmed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    _, printed, _ = call(capsys, *QUICK)
    lines = printed.splitlines()
    dimmed = [line for line in lines if line.startswith("\033[2m")]
    assert len(dimmed) == 3
    assert all(ORACLE in line and line.endswith("\033[0m") for line in dimmed)
    assert not [line for line in lines if line.startswith(ORACLE)]
