"""The command line: exit codes, one-sentence failures, flags from declarations, the learner's copies, a server for this machine only."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from cases import for_each

import tltutor
from tltutor import cli
from tltutor.cli import flags, lab, originals, program
from tltutor.domains.registry import PAIRS
from tltutor.evaluation import comparison, table
from tltutor.experiment import Experiment
from tltutor.machine import doctor
from tltutor.objectives import OBJECTIVES, objective_groups
from tltutor.settings import Setting
from tltutor.training.session import Session

MOONS = "moons->rotated-moons"
QUICK = ["run", MOONS, "--objective", "coral", "--steps", "3", "--seeds", "2", "--device", "cpu"]


def call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command in this process."""
    try:
        code = cli.main(words)
    except SystemExit as end:
        code = int(end.code or 0)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


# --- exit codes and sentences


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(capsys, "--version") == (0, f"tltutor {tltutor.__version__}\n", "")


@pytest.mark.parametrize("command", program.COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, command, "--help")
    assert code == 0
    assert f"tltutor {command}" in out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "COMMAND"),
        (["frob"], "frob"),
        (["run", MOONS], "--objective"),
        (["run", "moon->rotated-moons", "--objective", "dann"], f"'{MOONS}'"),
        (["run", MOONS, "--objective", "dannn"], "did you mean 'dann'"),
        (
            ["run", MOONS, "--objective", "mmd", "--width", "99"],
            "between 0.05 and 20 medians, got '99'",
        ),
        (["run", MOONS, "--objective", "dann", "--width", "1"], "--width"),
        (["run", MOONS, "--objective", "mmd", "--estimator", "unbias"], "did you mean 'unbiased'"),
        (
            ["run", MOONS, "--objective", "mmd", "--steps", "0"],
            "steps must be a whole number between 1",
        ),
        (["run", MOONS, "--objective", "mmd", "--option", "angel=3"], "did you mean 'angle'"),
        (["run", MOONS, "--objective", "mmd", "--option", "angle"], "KEY=VALUE, got 'angle'"),
        (
            ["run", MOONS, "--objective", "mmd", "--option", "angle=300"],
            "between -180 and 180 degrees, got '300'",
        ),
        ([*QUICK, "--network", "lenett"], "did you mean 'lenet'"),
        (["data", "fetch"], "needs the name of a set"),
        (["data", "verify", "mnost"], "did you mean 'mnist'"),
    ],
)
def test_wrong_usage_exits_2_and_says_what(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call(capsys, *words)
    assert code == 2
    assert out == ""
    assert expected in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([*QUICK, "--freeze", "77"], "freeze_depth must be a whole number between 0 and"),
        (
            [*QUICK, "--json", "/no/such/folder/x.json"],
            "could not be saved as /no/such/folder/x.json (there is no folder /no/such/folder: create it first",
        ),
        ([*QUICK, "--network", "lenet"], "use the network 'mlp'"),
    ],
)
def test_a_failure_exits_1_with_one_sentence(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call(capsys, *words)
    assert code == 1
    assert out == ""
    assert expected in err
    assert err.count("\n") == 1


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(FileNotFoundError):
        call(capsys, *QUICK, "--json", "/no/such/folder/x.json", "--debug")


def test_a_missing_set_says_where_and_how(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = call(
        capsys, "run", "mnist->usps", "--objective", "dann", "--data-dir", str(tmp_path)
    )
    assert code == 1
    assert str(tmp_path) in err
    assert "tltutor data fetch" in err


# --- run


def test_a_run_that_fails_leaves_no_result_and_an_older_one_as_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "out.json"
    words = [
        "run",
        "mnist->usps",
        "--objective",
        "dann",
        "--data-dir",
        str(tmp_path),
        "--json",
        str(file),
    ]
    assert call(capsys, *words)[0] == 1
    assert not file.exists()
    file.write_text("{}")
    assert call(capsys, *words)[0] == 1
    assert file.read_text() == "{}"


def test_run_says_table_and_how_it_was_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, *QUICK)
    assert code == 0
    rows = [re.split(r"\s{2,}", line) for line in out.splitlines()]
    assert [row[0] for row in rows if len(row) == 4] == ["", "source only", "coral", "target only"]
    assert "last step; no target label used" in out
    assert "±" in out
    assert "coral, seed 1: " in err


def test_run_json_on_stdout_is_json_alone(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, *QUICK, "--json", "-", "--option", "angle=45", "--first-seed", "7")
    result = json.loads(out)
    assert code == 0
    assert result["seeds"] == [7, 8]
    assert result["options"] == {"angle": 45.0}
    assert result["complete"] is True
    assert set(result["results"]) == {"source-only", "coral", "target-only"}
    accuracy = result["results"]["coral"]["target_accuracy"]
    assert len(accuracy["values"]) == 2
    assert accuracy["mean"] == pytest.approx(sum(accuracy["values"]) / 2)
    assert "source_accuracy" not in result["results"]["target-only"], (
        "the ceiling's source is the target"
    )


def test_run_is_repeatable_and_weight_0_is_source_only(capsys: pytest.CaptureFixture[str]) -> None:
    results = [
        json.loads(call(capsys, *QUICK, "--weight", "0", "--json", "-")[1])["results"]
        for _ in range(2)
    ]
    for rows in results:
        for numbers in rows.values():
            del numbers["seconds"]
    assert results[0] == results[1]
    assert results[0]["coral"] == results[0]["source-only"], (
        "same pairs, networks and batches in every row"
    )


def test_settings_reach_the_session(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[comparison.Comparison] = []
    monkeypatch.setattr(comparison, "compare", lambda asked, _watch: iter(seen.append(asked) or ()))
    words = [
        "run",
        MOONS,
        "--objective",
        "mmd",
        "--width",
        "2",
        "--estimator",
        "biased",
        "--weight",
        "0.5",
        "--freeze",
        "1",
    ]
    words += ["--optimizer", "adam", "--schedule", "cosine", "--warmup", "0.1", "--momentum", "0.8"]
    words += ["--weight-decay", "0.01", "--gradient-clip", "5", "--lr", "0.1", "--batch-size", "8"]
    words += ["--target-order", "by-class"]
    assert call(capsys, *words)[0] == 0
    (asked,) = seen
    assert asked.experiment.values == {"weight": 0.5, "width": 2.0, "estimator": "biased"}
    assert asked.seeds == (0, 1, 2)
    assert asked.experiment.session_options == {
        "steps": 1000,
        "freeze_depth": 1,
        "lr": 0.1,
        "batch_size": 8,
        "batchnorm": "separate",
        "optimizer": "adam",
        "schedule": "cosine",
        "warmup": 0.1,
        "momentum": 0.8,
        "weight_decay": 0.01,
        "gradient_clip": 5.0,
        "target_order": "by-class",
        "augment": "none",
        "precision": "float32",
        "device": "auto",
    }


def test_a_pair_that_the_shell_cut_says_to_quote_it(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(
        capsys, "run", "moons-", "--objective", "mmd", "--steps", "1", "--seeds", "1"
    )
    assert code == 2
    assert "quotes" in err
    assert f"'{MOONS}'" in err
    assert (
        call(capsys, "run", MOONS, "--objective", "mmd", "--steps", "1", "--seeds", "1")[0] == 0
    ), "the remedy works"
    assert "quotes" not in call(capsys, "run", "nothing-", "--objective", "mmd")[2]


def test_what_was_finished_is_said_when_the_rest_is_stopped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train = comparison.train

    def stopped(row: str, *rest: Any, **more: Any) -> Iterator[Any]:
        if row == "coral":
            raise KeyboardInterrupt
        return train(row, *rest, **more)

    monkeypatch.setattr(comparison, "train", stopped)
    file = tmp_path / "r.json"
    code, out, err = call(capsys, *QUICK, "--json", str(file))
    assert code == 130
    assert "source-only: only 1 of 2 seeds" in out
    assert "stopped by Ctrl-C" in err
    result = json.loads(file.read_text())
    assert result["complete"] is False
    assert set(result["results"]) == {"source-only"}


def test_a_diverging_run_is_one_sentence_after_what_was_finished(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = [
        "run",
        MOONS,
        "--objective",
        "l2-sp",
        "--lr",
        "1",
        "--weight",
        "10",
        "--beta",
        "10",
        "--steps",
        "300",
        "--seeds",
        "1",
    ]
    code, out, err = call(capsys, *words)
    assert code == 1
    assert "source only" in out
    assert re.search(r"in step \d+", err)
    assert "Traceback" not in err


def test_source_only_needs_no_second_row() -> None:
    asked = compared("source-only", (0,), steps=1)
    assert asked.rows == ("source-only", "source-only-target-bn", "target-only")


def test_rows_that_cannot_be_had_say_why() -> None:
    pair = tltutor.load_pair(MOONS)

    def why(row: str, pair: tltutor.DomainPair, **parts: Any) -> str:
        return str(comparison.why_not(row, Experiment(pair, "source-only", **parts)))

    assert why("target-only", pair) == "None"
    assert "held out" in why("target-only", tltutor.DomainPair(pair.source, pair.target))
    assert "no labels" in why("target-only", pair.blind())
    assert why("coral", pair.blind()) == "None"
    assert why("source-only-target-bn", pair) == "mlp has no BatchNorm"
    assert why("source-only-target-bn", pair, network_options={"batchnorm": True}) == "None"
    options = {"network_options": {"batchnorm": True}, "session_options": {"batchnorm": "source"}}
    assert "batchnorm is 'source'" in why("source-only-target-bn", pair, **options)


def test_the_ceiling_learns_from_the_target_and_the_other_rows_do_not() -> None:
    """A target with every label turned round: whoever never saw its labels is wrong, whoever did is right."""
    x = np.random.default_rng(0).normal(size=(200, 2)).astype(np.float32)
    x[:, 0] += np.sign(x[:, 0]) * 3
    y = (x[:, 0] > 0).astype(np.int64)
    pair = tltutor.DomainPair(
        tltutor.Domain("s", x, y), tltutor.Domain("t", x, 1 - y), tltutor.Domain("t", x, 1 - y)
    )
    asked = compared("coral", (0,), steps=60, lr=0.1, device="cpu")
    accuracy = {}
    for row in asked.rows:
        *_, judged = comparison.train(row, asked.run(row, pair, 0))
        assert isinstance(judged, comparison.Judged)
        accuracy[row] = judged.numbers["target_accuracy"]
    assert accuracy == {
        "source-only": 0.0,
        "source-only-target-bn": 0.0,
        "coral": 0.0,
        "target-only": 1.0,
    }


def test_spreads_against_a_closed_form() -> None:
    judged = [
        comparison.Judged("dann", s, {"target_accuracy": v}, 1.0)
        for s, v in enumerate((0.1, 0.2, 0.6))
    ]
    spread = comparison.spreads(judged)["dann"]["target_accuracy"]
    assert spread.mean == pytest.approx(0.3)
    assert spread.sd == pytest.approx(0.07**0.5)  # (.04 + .01 + .09) / 2
    assert comparison.spreads(judged[:1])["dann"]["target_accuracy"].sd is None


def test_which_labels_took_part_is_said() -> None:
    for_each(OBJECTIVES, which_labels_took_part_is_said)


def which_labels_took_part_is_said(name: str) -> None:
    text = table.chosen(compared(name, (0,), steps=1))
    assert ("labeled target examples trained it" in text) == ("labeled" in OBJECTIVES[name].batches)


def test_a_method_that_comes_after_another_starts_from_its_network() -> None:
    """TENT adapts what source-only trained; its row is what both by hand give."""
    options = {"freeze_depth": 1, "lr": 0.05, "batch_size": 32, "device": "cpu"}
    asked = compared("tent", (3,), steps=20, **options)
    asked = changed(asked, network="mlp", network_options={"batchnorm": True})
    (judged,) = [
        f for f in comparison.compare(asked) if isinstance(f, comparison.Judged) and f.row == "tent"
    ]
    pair = tltutor.load_pair(MOONS, seed=3)
    network = tltutor.build_network("mlp", pair, seed=3, batchnorm=True)
    list(
        Session(
            pair,
            network,
            tltutor.build_objective("source-only"),
            steps=20,
            seed=3,
            **{**options, "freeze_depth": 0},
        )
    )
    session = Session(pair, network, tltutor.build_objective("tent"), steps=20, seed=3, **options)
    list(session)
    assert judged.numbers == session.evaluate()
    assert (
        table.chosen(asked)
        == "last step; no target label used; tent continued from 20 steps of source-only"
    )
    assert "went on" not in table.chosen(changed(asked, network_options={"weights": "net.pt"}))
    assert "went on" not in table.chosen(changed(asked, objective="dann"))


def compared(method: str, seeds: tuple[int, ...], **session: Any) -> comparison.Comparison:
    """A comparison on the moons with these options of the session."""
    return comparison.Comparison(Experiment(MOONS, method, session_options=session), seeds)


def changed(asked: comparison.Comparison, **parts: Any) -> comparison.Comparison:
    """The comparison with other parts of its experiment."""
    return replace(asked, experiment=replace(asked.experiment, **parts))


def fine_tuning(**more: Any) -> comparison.Comparison:
    asked = compared(
        "fine-tune", (3,), steps=15, freeze_depth=1, lr=0.05, batch_size=32, device="cpu"
    )
    return changed(asked, values={"labels_per_class": 2}, **more)


def test_fine_tuning_from_a_pretrained_start_stands_beside_the_same_from_scratch() -> None:
    asked = fine_tuning(pretrain=10)
    judged = {
        f.row: f.numbers for f in comparison.compare(asked) if isinstance(f, comparison.Judged)
    }
    assert tuple(judged) == ("source-only", "fine-tune", "from-scratch", "target-only"), (
        "mlp has no BatchNorm"
    )
    pair = tltutor.load_pair(MOONS, seed=3)
    options = {
        name: value for name, value in asked.experiment.session_options.items() if name != "steps"
    }
    for row, depth in (("fine-tune", 1), ("from-scratch", 0)):
        network = tltutor.build_network("mlp", pair, seed=3)
        if row == "fine-tune":
            list(
                Session(
                    pair,
                    network,
                    tltutor.build_objective("source-only"),
                    steps=10,
                    seed=3,
                    **{**options, "freeze_depth": 0},
                )
            )
        tuned = tltutor.build_objective("fine-tune", labels_per_class=2)
        session = Session(
            pair, network, tuned, steps=15, seed=3, **{**options, "freeze_depth": depth}
        )
        list(session)
        assert judged[row] == session.evaluate()


def test_scratch_stands_beside_fine_tuning_with_a_start_and_nothing_else() -> None:
    bare = fine_tuning(pretrain=0)
    assert comparison.SCRATCH not in bare.rows  # the row itself is from scratch
    assert comparison.SCRATCH in changed(bare, network_options={"weights": "net.pt"}).rows
    assert comparison.SCRATCH in changed(bare, pretrain=5, objective="l2-sp", values={}).rows
    assert comparison.SCRATCH not in changed(bare, pretrain=5, objective="tent", values={}).rows
    assert comparison.SCRATCH not in changed(bare, pretrain=5, objective="dann", values={}).rows


def test_how_long_the_start_was_trained_is_said() -> None:
    assert table.chosen(fine_tuning(pretrain=10)).endswith(
        "fine-tune continued from 10 steps of source-only"
    )
    assert "went on" not in table.chosen(fine_tuning(pretrain=0))
    tent = compared("tent", (0,), steps=20)
    assert table.chosen(tent).endswith("tent continued from 20 steps of source-only")
    assert table.chosen(changed(tent, pretrain=7)).endswith(
        "tent continued from 7 steps of source-only"
    )
    assert "went on" not in table.chosen(changed(tent, pretrain=0))


def test_run_fine_tunes_from_a_pretrained_start_in_one_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = (
        "run",
        MOONS,
        "--objective",
        "fine-tune",
        "--pretrain",
        "3",
        "--labels-per-class",
        "2",
        "--steps",
        "2",
        "--seeds",
        "1",
    )
    code, out, _ = call(capsys, *words)
    assert code == 0
    assert re.search(r"^fine tune .*\n^from scratch .*\n^target only ", out, re.MULTILINE)
    assert (
        "From scratch is fine-tune on the same target labels and steps from random weights" in out
    )
    code, out, _ = call(capsys, *words, "--json", "-")
    assert json.loads(out)["pretrain"] == 3
    assert json.loads(out)["complete"]


def test_run_begins_where_a_pretrained_network_does_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair, file = "digits->shifted-digits", str(tmp_path / "net.pt")
    network = tltutor.build_network("squeezenet1_0", tltutor.load_pair(pair, size=16), size=32)
    network.save(file)
    words = ["run", pair, "--objective", "fine-tune", "--labels-per-class", "2", "--weights", file]
    words += ["--network", "squeezenet1_0", "--network-option", "size=32", "--option", "size=16"]
    words += ["--steps", "2", "--seeds", "1", "--batch-size", "4", "--device", "cpu"]
    code, out, _ = call(capsys, *words)
    assert code == 0
    assert "learning rate 0.001, freeze depth 9" in out.splitlines()[0]
    assert "random weights, nothing frozen, at the learning rate 0.01." in out
    code, out, _ = call(capsys, *words, "--lr", "0.02", "--freeze", "8", "--json", "-")
    assert code == 0
    assert (json.loads(out)["lr"], json.loads(out)["freeze_depth"]) == (0.02, 8)


# --- flags from declarations


def test_every_setting_of_every_objective_is_a_flag(capsys: pytest.CaptureFixture[str]) -> None:
    for_each(OBJECTIVES, lambda name: every_setting_is_a_flag(name, capsys))


def every_setting_is_a_flag(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = call(capsys, "run", "--objective", name, "--help")
    for setting in OBJECTIVES[name].declared():
        assert f"--{setting.name.replace('_', '-')} " in out
    assert ("--weight " in out) == OBJECTIVES[name].weighted


def test_objectives_lists_all_with_bounds_and_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "objectives")
    assert code == 0
    for objective in OBJECTIVES.values():
        assert f"{objective.name}: {objective.title}" in out
        assert all(setting.text in out for setting in objective.settings)
    headings = [line for line in out.splitlines() if line.startswith("== ")]
    assert headings == [f"== {group.title}: {group.text}" for group in objective_groups()]
    places = [out.index(heading) for heading in headings]
    assert places[0] < out.index("source-only: ") < places[1]
    one = call(capsys, "objectives", "mmd")[1]
    assert "(0.05 to 20 medians, default 1)" in one
    assert "== " not in one


@pytest.mark.parametrize(
    ("setting", "word", "value"),
    [
        (Setting("x", 1.0, 0, 2), "0.5", 0.5),
        (Setting("n", 1, 0, 9, "int"), "3", 3),
        (Setting("on", True, scale="switch"), "off", False),
        (Setting("on", False, scale="switch"), "TRUE", True),
        (Setting("way", "a", scale="choice", choices=("a", "b")), "b", "b"),
    ],
)
def test_words_become_values(setting: Setting, word: str, value: Any) -> None:
    parsed = setting.read(word)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize("pair", PAIRS)
def test_pair_options_are_checked_by_their_declarations(pair: str) -> None:
    from tltutor.cli.run import pair_options

    defaults = [f"{setting.name}={flags.shown(setting.default)}" for setting in PAIRS[pair].options]
    assert pair_options(pair, defaults) == {
        setting.name: setting.default for setting in PAIRS[pair].options
    }


def test_network_options_are_checked_by_their_declarations(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from tltutor.cli.run import network_options

    assert network_options("lenet", ["channels=8,16", "batchnorm=off"]) == {
        "channels": (8, 16),
        "batchnorm": False,
    }
    assert network_options(None, []) == {}
    code, _, err = call(capsys, *QUICK, "--network-option", "width=8")
    assert (code, "needs --network NAME" in err) == (2, True)
    code, out, _ = call(
        capsys, *QUICK, "--network", "mlp", "--network-option", "width=8", "--json", "-"
    )
    assert code == 0
    assert json.loads(out)["network_options"] == {"width": 8}


def test_help_lists_the_options_of_the_pair(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = call(capsys, "run", MOONS, "--help")
    assert "-180 to 180 degrees" in " ".join(out.split())


# --- data and doctor


def test_data_list_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "data", "list", "--data-dir", str(tmp_path))
    assert code == 0
    assert "tltutor data fetch mnist" in out
    assert str(tmp_path) in out
    statuses = json.loads(call(capsys, "data", "list", "--json", "--data-dir", str(tmp_path))[1])
    assert all(status["where"] is None for status in statuses)


def test_data_verify_finds_the_broken_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "USPS"
    folder.mkdir()
    for name in ("usps.bz2", "usps.t.bz2"):
        (folder / name).write_bytes(b"no archive")
    code, out, _ = call(capsys, "data", "verify", "--data-dir", str(tmp_path))
    assert code == 1
    assert "broken     USPS/usps.bz2" in out
    assert "tltutor data fetch usps" in out


def test_data_verify_reads_the_real_sets(
    data_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = call(capsys, "data", "verify", "usps", "--data-dir", str(data_root))
    assert code == 0
    assert "7291" in out or "published" in out


def test_fetch_bars_follow_each_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tltutor.cli import data

    def fetch(
        name: str, data_dir: str, *, progress: Callable[[str, int, int | None], None]
    ) -> Path:
        for file, done in (("a", 1), ("a", 3), ("b", 2)):
            progress(file, done, 3)
        return Path(data_dir)

    monkeypatch.setattr(data, "fetch", fetch)
    code, out, err = call(capsys, "data", "fetch", "usps", "--data-dir", str(tmp_path))
    assert code == 0
    assert out == f"usps: complete in {tmp_path}\n"
    assert "a: 100%" in err
    assert "b:  67%" in err


def test_doctor_finds_this_installation_sound(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "doctor", "--json")
    findings = {finding["name"]: finding for finding in json.loads(out)}
    assert code == 0, out
    assert findings["Python"]["state"] == "ok"
    assert not [f for f in findings.values() if f["state"] != "ok" and not f["remedy"]], (
        "what lacks has a remedy"
    )


def test_doctor_survives_a_probe_that_breaks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def probe_teapot() -> doctor.Finding:
        raise OSError("short and stout")

    monkeypatch.setattr(doctor, "PROBES", (probe_teapot,))
    code, out, _ = call(capsys, "doctor")
    assert code == 1
    assert out.startswith("fail  teapot         OSError: short and stout\n")
    assert "->" in out


def test_doctor_misses_the_programs_for_the_browser(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Sources without what is made of them do not show a board."""
    assert doctor.probe_front_end().found.startswith("app.js and ")
    (tmp_path / "app.js").touch()
    spec = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    monkeypatch.setattr(doctor, "find_spec", lambda _: spec)
    finding = doctor.probe_front_end()
    assert (finding.state, finding.remedy) == ("fail", doctor.REINSTALL)


def test_doctor_misses_the_browser_half_of_the_widgets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *_: [str(tmp_path)])
    finding = doctor.probe_widgets()
    assert finding.state == "fail"
    assert "jupyterlab-manager" in finding.found


def test_doctor_warns_of_more_threads_than_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr("torch.get_num_threads", lambda: 3)
    assert doctor.probe_threads().state == "warn"
    monkeypatch.setattr("torch.get_num_threads", lambda: 2)
    assert doctor.probe_threads().state == "ok"


# --- the learner's copies


def notebook(word: str) -> str:
    return json.dumps({"cells": [], "metadata": {"word": word}})


def word_in(path: Path) -> str:
    return str(json.loads(path.read_text())["metadata"]["word"])


@pytest.fixture
def shipped(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "shipped"
    folder.mkdir()
    lessons = [folder / "01_first.ipynb", folder / "02_second.ipynb"]
    for lesson in lessons:
        lesson.write_text(notebook("old"))
    return lessons


def test_lessons_are_copied_once(shipped: list[Path], tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    assert [h.what for h in originals.hand_out(shipped, mine)] == ["copied", "copied"]
    assert [h.what for h in originals.hand_out(shipped, mine)] == ["unchanged", "unchanged"]
    assert word_in(mine / "01_first.ipynb") == "old"


@pytest.mark.parametrize("note_is_lost", [False, True])
def test_a_learners_work_is_never_overwritten(
    shipped: list[Path], tmp_path: Path, *, note_is_lost: bool
) -> None:
    mine = tmp_path / "mine"
    originals.hand_out(shipped, mine)
    (mine / "01_first.ipynb").write_text("my work")
    assert originals.hand_out(shipped, mine)[0].what == "unchanged"
    shipped[0].write_text(notebook("new"))
    if note_is_lost:
        (mine / originals.GIVEN).write_text("{broken")
    assert originals.hand_out(shipped, mine)[0] == originals.LessonCopy(
        mine / "01_first.new.ipynb", "beside"
    )
    assert (mine / "01_first.ipynb").read_text() == "my work"
    assert word_in(mine / "01_first.new.ipynb") == "new"
    assert originals.hand_out(shipped, mine)[0].what == "unchanged", "said and done once"


def test_work_in_the_newer_copy_is_kept_too(shipped: list[Path], tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    originals.hand_out(shipped, mine)
    (mine / "01_first.ipynb").write_text("my work")
    shipped[0].write_text(notebook("new"))
    originals.hand_out(shipped, mine)
    (mine / "01_first.new.ipynb").write_text("more work")
    shipped[0].write_text(notebook("newest"))
    assert originals.hand_out(shipped, mine)[0].path.name == "01_first.new2.ipynb"
    assert (mine / "01_first.new.ipynb").read_text() == "more work"


def test_an_untouched_copy_follows_its_original(shipped: list[Path], tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    originals.hand_out(shipped, mine)
    shipped[0].write_text(notebook("new"))
    assert [h.what for h in originals.hand_out(shipped, mine)] == ["updated", "unchanged"]
    assert word_in(mine / "01_first.ipynb") == "new"
    assert not list(mine.glob("*.new*"))


def test_what_was_done_is_said(tmp_path: Path) -> None:
    handed = [
        originals.LessonCopy(tmp_path / name, what)
        for name, what in (("a", "copied"), ("b", "beside"), ("c", "unchanged"))
    ]  # type: ignore[arg-type]
    text = lab.report(handed, tmp_path)
    assert "copied: 1" in text
    assert "b: a newer version, saved beside your own work" in text
    assert "c:" not in text


@pytest.mark.parametrize("name", ["1", "01", "01_first", "01_first.ipynb", "01_f"])
def test_lessons_are_found_by_number_and_name(name: str, shipped: list[Path]) -> None:
    assert originals.find_lesson(name, shipped) == shipped[0]


@pytest.mark.parametrize("name", ["7", "0", "frist"])
def test_an_unknown_lesson_is_named_with_the_known(name: str, shipped: list[Path]) -> None:
    with pytest.raises(ValueError, match="Known: 01_first, 02_second"):
        originals.find_lesson(name, shipped)


def test_the_originals_are_found_here() -> None:
    assert originals.originals()[0].name.startswith("01")


def test_copies_that_jupyter_keeps_are_no_lessons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson, *others = [
        Path("tutorials", *parts, "01_first.ipynb")
        for parts in ((), ("zh",), (".ipynb_checkpoints",), ("old",))
    ]
    for path in (lesson, *others):
        (tmp_path / path).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / path).write_text("{}")
    monkeypatch.setattr(originals.resources, "files", lambda _: tmp_path / "tltutor")
    assert originals.originals() == (tmp_path / lesson, tmp_path / others[0])


# --- the server


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "w"}, "linux", True),
        ({}, "darwin", True),
    ],
)
def test_a_browser_needs_a_display(
    environment: dict[str, str], platform: str, *, expected: bool
) -> None:
    assert lab.has_display(environment, platform) is expected


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - an address of our own
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return int(refused.code)


def _address_said_by(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None
    for line in server.stdout:
        if found := re.search(r"http://\S+", line):
            return found.group()
    raise AssertionError("the server ended without an address")


@pytest.fixture
def careless_lab(tmp_path: Path) -> Iterator[str]:
    """The address said by a real `tltutor lab` whose user's configuration opens everything and drops the token."""
    config = tmp_path / "config"
    config.mkdir()
    careless = {"ServerApp": {"ip": "0.0.0.0"}, "IdentityProvider": {"token": ""}}  # noqa: S104
    (config / "jupyter_server_config.json").write_text(json.dumps(careless))
    (config / "jupyter_lab_config.json").write_text(json.dumps(careless))
    environment = {
        k: v
        for k, v in os.environ.items()
        if k not in ("DISPLAY", "WAYLAND_DISPLAY", "JUPYTER_TOKEN")
    }
    environment |= {
        "JUPYTER_CONFIG_DIR": str(config),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "run"),
        "PYTHONUNBUFFERED": "1",
    }
    command = [
        sys.executable,
        "-m",
        "tltutor.cli",
        "lab",
        "--folder",
        str(tmp_path / "mine"),
        "--port",
        str(free_port()),
    ]
    with (tmp_path / "err").open("w") as err:
        server = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=err, text=True, env=environment, cwd=tmp_path
        )
    try:
        yield _address_said_by(server)
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=30)


def test_lab_listens_to_this_machine_only_and_keeps_its_token(
    careless_lab: str, tmp_path: Path
) -> None:
    address, _, token = careless_lab.partition("?")
    assert re.fullmatch(
        r"http://127\.0\.0\.1:\d+/lab/workspaces/tltutor/tree/01\w*\.ipynb", address
    )
    assert re.fullmatch(r"token=[0-9a-f]{32,}", token)
    port = int(address.split(":")[2].split("/")[0])
    base = f"http://127.0.0.1:{port}/api/status"
    _wait_until(lambda: _answers(port))
    assert status_of(base) == 403
    assert status_of(f"{base}?{token}") == 200
    assert status_of(f"http://127.0.0.1:{port}/lab?{token}") == 200
    assert not any(_answers(port, other) for other in _other_addresses()), (
        "only 127.0.0.1 may answer"
    )
    assert list((tmp_path / "mine").glob("01*.ipynb"))


def _answers(port: int, address: str = "127.0.0.1") -> bool:
    try:
        with socket.create_connection((address, port), timeout=2):
            return True
    except OSError:
        return False


def _other_addresses() -> set[str]:
    """Addresses of this machine that are not 127.0.0.1: all of 127/8 answers a server bound to everything, on Linux."""
    try:
        own = {
            str(info[4][0])
            for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
        }
    except OSError:
        own = set()
    return (own | {"127.0.0.2"}) - {"127.0.0.1"}


def _wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.1)


# --- a recording, and what it is exported to


def recorded(capsys: pytest.CaptureFixture[str], folder: Path, *words: str) -> tuple[int, str, str]:
    return call(capsys, *QUICK, "--record", str(folder / "run.npz"), "--projection", "pca", *words)


def test_run_records_the_methods_first_seed_and_changes_no_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = json.loads(call(capsys, *QUICK, "--json", "-", "--option", "angle=35")[1])["results"]
    code, out, err = recorded(capsys, tmp_path, "--json", "-", "--option", "angle=35")
    results = json.loads(out)["results"]
    for rows in (plain, results):
        for numbers in rows.values():
            del numbers["seconds"]
    recording = tltutor.Recording.load(tmp_path / "run.npz")
    assert code == 0
    assert results == plain
    assert [frame.step for frame in recording.frames] == [0, 1, 2, 3]
    assert [fact.step for fact in recording.stepped] == [1, 2, 3]
    assert recording.points is not None
    about = recording.points.about
    assert (about["pair"], about["objective"], about["seed"], about["projection"]) == (
        MOONS,
        "coral",
        0,
        "pca",
    )
    assert about["options"] == {"angle": 35.0}
    assert f"recorded 4 frames to {tmp_path / 'run.npz'}" in err


def test_a_recording_looks_as_often_as_asked_and_lets_a_moving_map_come_to_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*QUICK[:4], "--steps", "5", "--seeds", "1", "--device", "cpu"]
    assert (
        call(capsys, *words, "--record", str(tmp_path / "run.npz"), "--record-every", "2")[0] == 0
    )
    steps = [frame.step for frame in tltutor.Recording.load(tmp_path / "run.npz").frames]
    assert sorted(set(steps)) == [0, 2, 4, 5]
    assert steps.count(4) == 1
    assert steps.count(5) > 10


def test_a_run_that_is_stopped_keeps_what_it_recorded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    step = tltutor.Session.step

    def stopped(session: tltutor.Session) -> Any:
        if session.objective.name == "coral" and session.step_number == 2:
            raise KeyboardInterrupt
        return step(session)

    monkeypatch.setattr(tltutor.Session, "step", stopped)
    assert recorded(capsys, tmp_path)[0] == 130
    assert [frame.step for frame in tltutor.Recording.load(tmp_path / "run.npz").frames] == [
        0,
        1,
        2,
    ]


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["--projection", "pca"], 2, "need --record FILE.npz"),
        (["--record-every", "5"], 2, "need --record FILE.npz"),
        (["--record", "run.zip"], 2, "must be an .npz file, got 'run.zip'"),
        (["--record", "run.npz", "--projection", "tsme"], 2, "did you mean 'tsne'"),
        (
            ["--record", "run.npz", "--record-every", "0"],
            2,
            "record_every must be a whole number between 1",
        ),
        (
            ["--record", "/no/such/folder/run.npz"],
            1,
            "(there is no folder /no/such/folder: create it first",
        ),
    ],
)
def test_what_cannot_be_recorded_is_said_before_the_training(
    words: list[str], code: int, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found, out, err = call(capsys, *QUICK, *words)
    assert (found, out) == (code, "")
    assert expected in err


def test_export_writes_what_the_suffix_says_and_replaces_only_by_force(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(capsys, tmp_path)
    run, page = tmp_path / "run.npz", tmp_path / "run.html"
    code, out, _ = call(capsys, "export", str(run), str(page))
    assert (code, out.startswith(f"written to {page} (")) == (0, True)
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    page.write_text("mine")
    code, out, err = call(capsys, "export", str(run), str(page))
    assert (code, out, page.read_text()) == (1, "", "mine")
    assert "add --force" in err
    assert call(capsys, "export", str(run), str(page), "--force")[0] == 0
    assert page.stat().st_size > 10_000
    frames = [tmp_path / f"{number}.svg" for number in (0, -4)]
    for number, file in zip((0, -4), frames, strict=True):
        assert call(capsys, "export", str(run), str(file), "--frame", str(number))[0] == 0
    assert frames[0].read_text() == frames[1].read_text()
    assert "step 0" in frames[0].read_text()


@pytest.mark.parametrize(
    ("out", "more", "code", "expected"),
    [
        ("run.pdf", [], 2, "must be one of .html"),
        (
            "run.html",
            ["--frame", "2"],
            2,
            "--frame chooses the frame of a .png or .svg, got it with .html",
        ),
        ("run.png", ["--frame", "4"], 1, "frame must be between -4 and 3, got 4"),
        ("no/such/run.png", [], 1, "create it first"),
    ],
)
def test_a_wrong_export_is_one_sentence(
    out: str,
    more: list[str],
    code: int,
    expected: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    recorded(capsys, tmp_path)
    found, printed, err = call(
        capsys, "export", str(tmp_path / "run.npz"), str(tmp_path / out), *more
    )
    assert (found, printed) == (code, "")
    assert expected in err
    assert err.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]


def test_export_refuses_what_is_no_recording(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = call(capsys, "export", str(tmp_path / "none.npz"), str(tmp_path / "run.html"))
    assert (code, "No such file or directory" in err) == (1, True)
    (tmp_path / "foreign.npz").write_bytes(b"not one")
    code, _, err = call(capsys, "export", str(tmp_path / "foreign.npz"), str(tmp_path / "run.html"))
    assert (code, "a recording must be an .npz file written by save" in err) == (1, True)
