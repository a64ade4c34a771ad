"""Sweeps: trials against runs by hand, choices in closed form, labels that nothing sees, files that continue, one sentence an error."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import torch
from cases import for_each

import tltutor as tl
from tltutor.evaluation.evidence import evidence_of, pair_for_choosing
from tltutor.evaluation.sweep import (
    Plan,
    Running,
    Search,
    SweepResult,
    Trial,
    as_text,
    plan_of,
    processes,
    running,
)
from tltutor.evaluation.sweep import journal as room
from tltutor.evaluation.sweep.answers import MOST, accuracy_of_sum, packed, unpacked
from tltutor.evaluation.sweep.journal import Journal
from tltutor.evaluation.sweep.loop import Progress
from tltutor.evaluation.sweep.processes import ONE_THREAD
from tltutor.evaluation.sweep.runs import Measured, one_thread, reverse_score
from tltutor.evaluation.sweep.space import axes_of, grid_of
from tltutor.evaluation.sweep.table import as_json
from tltutor.experiment import Experiment
from tltutor.metrics import balanced_accuracy
from tltutor.metrics.judges import aggregated, aggregation_weights, judge

MOONS = "moons->rotated-moons"
QUICK = {"steps": 5, "batch_size": 16, "device": "cpu"}
GRID = {"weight": [0.1, 1.0]}


def swept(pair: Any = MOONS, objectives: str = "dann", **more: Any) -> SweepResult:
    """A small sweep in this process."""
    return tl.sweep(pair, objectives, **{"grid": GRID, "seeds": 2, "jobs": 1, **QUICK, **more})


def planned(pair: Any = MOONS, objectives: str = "dann", **more: Any) -> Plan:
    grid = more.pop("grid", GRID)
    experiment = Experiment(pair, "source-only", session_options=more.pop("session", QUICK))
    return plan_of(experiment, objectives, grid, **{"seeds": 2, **more})


# --- what is tried


def test_a_grid_is_read_from_text_and_checked_by_the_settings() -> None:
    network = tl.build_network("mlp", tl.load_pair(MOONS))
    text = "weight=.1, .3,1,1.0; estimator=biased ;lr=0.001..0.1; steps=5"
    axes = axes_of(text, ["mmd", "dann"], network)
    assert axes["mmd"]["weight"].values == (0.1, 0.3, 1.0), "each once"
    assert axes["mmd"]["estimator"].values == ("biased",)
    assert (axes["mmd"]["lr"].low, axes["mmd"]["lr"].high) == (0.001, 0.1)
    assert axes["mmd"]["steps"].values == (5,)
    assert "estimator" not in axes["dann"], "a setting of others"
    assert axes_of({"weight": 0.5}, ["dann"], network)["dann"]["weight"].values == (0.5,)
    assert grid_of("a=1;;b=2;") == {"a": "1", "b": "2"}


def test_every_combination_is_tried_by_each_method_that_has_the_settings() -> None:
    plan = planned(objectives="dann,mmd,source-only", grid="weight=.1,1;width=1,2,4")
    combined = list(product((0.1, 1.0), (1.0, 2.0, 4.0)))
    assert [tuple(point.values()) for point in plan.points("mmd")] == combined
    assert plan.points("dann") == [{"weight": 0.1}, {"weight": 1.0}]
    assert plan.points("source-only") == [{}]


def test_a_setting_goes_where_it_acts() -> None:
    plan = planned(objectives="mmd", grid="weight=2;width=4;lr=.5;momentum=.1")
    session = plan.run("mmd", plan.points("mmd")[0], 1).build()
    assert session.objective.width == 4
    assert (session.values["weight"], session.values["lr"]) == (2, 0.5)
    assert session.rule.momentum == 0.1
    assert session.seed == 1


# --- what a run gives


def test_a_trial_is_the_run_by_hand_and_its_judges() -> None:
    result = swept(objectives="mmd", grid="weight=1;width=2", seeds=[4])
    (trial,) = result.trials
    pair = tl.load_pair(MOONS, seed=4)
    train = pair_for_choosing(pair, 0.2, seed=4)
    network = tl.build_network("mlp", train, seed=4)
    session = tl.Session(train, network, tl.objectives.MMD(width=2), weight=1, seed=4, **QUICK)
    list(session)
    measured = trial.runs[4]
    assert dict(measured.scores) == pytest.approx(judge(evidence_of(session)))
    assert pair.target_test is not None
    right = session.predict(pair.target_test.x) == pair.target_test.y
    assert measured.oracle == pytest.approx(right.mean())


def test_reverse_validation_is_the_way_back_by_hand_and_asked_only_where_it_chooses() -> None:
    result = swept(objectives="mmd", grid="weight=10", seeds=[3], choose="reverse", steps=80)
    (trial,) = result.trials
    pair = tl.load_pair(MOONS, seed=3)
    train = pair_for_choosing(pair, 0.2, seed=3)
    options = {"weight": 10, "seed": 3, **QUICK, "steps": 80}
    session = tl.Session(
        train, tl.build_network("mlp", train, seed=3), tl.objectives.MMD(), **options
    )
    list(session)
    assert train.source_test is not None
    answered = tl.Domain("t", train.target.x, session.predict(train.target.x), pair.class_names)
    back = tl.DomainPair(answered, train.source.without_labels())
    way = tl.Session(back, tl.build_network("mlp", back, seed=3), tl.objectives.MMD(), **options)
    list(way)
    said = way.predict(train.source_test.x)
    wanted = balanced_accuracy(said, train.source_test.y)
    assert trial.runs[3].scores["reverse"] == pytest.approx(wanted)
    assert result.choice() == trial
    assert "reverse" not in swept(grid="weight=1", seeds=1).trials[0].runs[0].scores
    assert result.plan.about() != replace(result.plan, choose="iwcv").about()


def test_reverse_validation_of_answers_that_lack_a_class_is_no_error() -> None:
    """Three classes, of which the network answers two: the way back knows those, and the third is wrong everywhere."""
    pair = tl.load_pair("blobs->rotated-blobs", n_samples=90)
    train = pair_for_choosing(pair)
    experiment = Experiment(train, "source-only", session_options={**QUICK, "steps": 30})
    session = experiment.build()
    list(session)
    k = len(pair.class_names)
    with torch.no_grad():
        session.network.head.bias[1:2] = -99.0
    score = reverse_score(experiment, session)
    assert score is not None
    assert 0 <= score <= (k - 1) / k


# --- IWA


def test_the_sum_of_all_settings_is_iwas_by_hand() -> None:
    result = swept(objectives="dann,mcc", grid="weight=.1,1", seeds=[5], steps=30)
    found = result.summed()
    assert found is not None
    assert found.settings == 4
    pair = tl.load_pair(MOONS, seed=5)
    train = pair_for_choosing(pair, 0.2, seed=5)
    evidence, judged = [], []
    for trial in result.trials:
        session = replace(result.plan.run(trial.objective, trial.setting, 5), pair=train).build()
        list(session)
        evidence.append(evidence_of(session))
        assert pair.target_test is not None
        judged.append(session.outputs(pair.target_test.x, "target")[1].softmax(1).numpy())
    c = aggregation_weights(
        [e["source_probabilities"] for e in evidence],
        evidence[0]["source_labels"],
        [e["target_probabilities"] for e in evidence],
        np.mean([e["weights"] for e in evidence], axis=0),
    )
    answer = aggregated(c, judged).argmax(1)
    assert found.accuracy is not None
    assert found.accuracy.values[0] == pytest.approx(
        (answer == pair.target_test.y).mean(), abs=0.02
    )
    text = as_text(result)
    row = next(line for line in text.splitlines() if line.startswith("IWA"))
    assert "no choice: 4 settings" in row
    assert row == [line for line in text.split("\n\n")[1].splitlines() if line][-1], "the last row"
    assert as_json(result)["iwa"]["settings"] == 4


def test_the_sum_needs_two_settings_and_no_labels() -> None:
    assert swept(grid="weight=1", seeds=1).summed() is None
    pair = tl.load_pair(MOONS)
    blind = tl.DomainPair(pair.source, pair.target.without_labels())
    found = swept(blind, seeds=1).summed()
    assert found is not None
    assert found.accuracy is None
    assert "IWA" in as_text(swept(blind, seeds=1))


def test_packed_answers_are_what_was_answered_and_small() -> None:
    rng = np.random.default_rng(0)
    p, q, judged = (rng.dirichlet(np.ones(10), n) for n in (900, 700, 300))
    evidence = {"source_probabilities": p, "source_labels": rng.integers(10, size=900)}
    evidence |= {"weights": rng.random(900), "target_probabilities": q}
    evidence["weights"][7] = 1e60  # domains far apart: more than float32 holds
    text = packed(evidence, np.ones((3, 2)), judged, None)
    assert len(text) < 60_000
    found = unpacked(text)
    np.testing.assert_allclose(found.source, p[:MOST], atol=1e-3)
    np.testing.assert_allclose(found.judged, judged, atol=1e-3)
    np.testing.assert_allclose(found.target.sum(1), 1)
    assert found.labels.tolist() == evidence["source_labels"][:MOST].tolist()
    assert not len(found.oracle)
    np.testing.assert_array_equal(found.weights, evidence["weights"][:MOST])
    coefficients, _ = accuracy_of_sum([found, found])
    assert np.isfinite(coefficients).all()
    other = unpacked(packed(evidence, np.zeros((3, 2)), judged, None))
    assert (other.examples != found.examples).all(), "another target, another checksum"


def test_no_target_label_is_seen_by_search_or_choice() -> None:
    """The same points with every label of the target turned round: the same trials and choice, another oracle."""
    pair = tl.load_pair(MOONS)
    assert pair.target.y is not None
    assert pair.target_test is not None
    assert pair.target_test.y is not None
    turned = replace(
        pair,
        target=replace(pair.target, y=1 - pair.target.y),
        target_test=replace(pair.target_test, y=1 - pair.target_test.y),
    )
    options = {"grid": "weight=.1..10", "search": "tpe", "trials": 4, "steps": 30}
    one, two = (swept(p, seeds=1, **options) for p in (pair, turned))
    assert [t.setting for t in one.trials] == [t.setting for t in two.trials]
    for a, b in zip(one.trials, two.trials, strict=True):
        assert a.runs[0].scores == b.runs[0].scores
        assert a.runs[0].oracle == pytest.approx(1 - b.runs[0].oracle)
    assert one.choice() == one.trials[two.trials.index(two.choice())]


def test_methods_that_are_given_target_labels_see_those_alone() -> None:
    result = swept(objectives="fine-tune", grid="labels_per_class=2,5", seeds=1)
    assert [t.setting for t in result.trials] == [{"labels_per_class": 2}, {"labels_per_class": 5}]
    assert all(trial.runs[0].scores for trial in result.trials)


def test_a_target_without_labels_has_no_oracle() -> None:
    pair = tl.load_pair(MOONS).blind()
    result = swept(pair, steps=30)
    assert result.choice() is not None
    assert result.oracle() is None
    assert result.regret() is None
    assert "oracle" not in as_text(result).lower()
    assert as_json(result)["found"]["dann"]["oracle"] == {"choice": None, "regret": None}


def test_a_run_that_diverges_is_told_and_not_chosen() -> None:
    result = swept(objectives="l2-sp", grid="lr=.01,1;beta=10;weight=10", seeds=1, steps=60)
    calm, wild = result.trials
    assert "step" in wild.runs[0].failed
    assert (calm.state, wild.state) == ("complete", "pruned")
    assert result.choice() == calm


# --- the choice, with made-up numbers


def made_up(setting: float, scores: Any, accuracies: Any, **more: Any) -> Trial:
    """A trial whose judge says `scores`, one a seed; None for a run without one."""
    runs = {
        seed: Measured({"iwcv": score}, collapsed=False, oracle=accuracy, seconds=1.0)
        for seed, (score, accuracy) in enumerate(zip(scores, accuracies, strict=True))
    }
    return replace(Trial("dann", {"weight": setting}, "complete", runs), **more)


def collapsed(trial: Trial, seed: int) -> Trial:
    return replace(trial, runs={**trial.runs, seed: replace(trial.runs[seed], collapsed=True)})


def test_the_choice_is_the_best_mean_and_the_oracle_and_the_regret_stand_beside() -> None:
    trials = [
        made_up(0.1, (-0.4, -0.2), (0.9, 0.8)),
        made_up(0.3, (-0.1, -0.3), (0.7, 0.5)),  # the judge's
        made_up(1.0, (-0.9, 0.0), (0.8, 1.0)),  # the oracle's
    ]
    result = SweepResult(planned(), trials)
    assert result.choice() == trials[1]
    assert result.oracle() == trials[2]
    regret = result.regret()
    assert regret is not None
    assert regret.values == pytest.approx((0.1, 0.5))
    assert regret.mean == pytest.approx(0.3)
    found = as_json(result)["found"]["dann"]
    assert found["choice"]["setting"] == {"weight": 0.3}
    assert found["oracle"]["choice"]["setting"] == {"weight": 1.0}
    (oracle,) = [line for line in as_text(result).splitlines() if line.startswith("oracle")]
    assert "weight=1 " in oracle
    assert "0.900 ± 0.141" in oracle


def test_settings_that_collapsed_diverged_or_lack_a_seed_are_never_chosen() -> None:
    best = made_up(0.1, (5.0, 5.0), (0.5, 0.5))
    plain = made_up(1.0, (0.0, 0.0), (0.5, 0.5))
    unusable = {
        "collapsed": collapsed(best, 1),
        "diverged": made_up(0.1, (5.0, None), (0.5, None)),
        "lacks a seed": made_up(0.1, (5.0,), (0.5,), state="running"),
    }

    def is_passed_over(name: str) -> None:
        assert SweepResult(planned(), [unusable[name], plain]).choice() == plain
        assert SweepResult(planned(), [unusable[name]]).choice() is None
        assert "none can be chosen" in as_text(SweepResult(planned(), [unusable[name]]))

    for_each(unusable, is_passed_over)
    assert SweepResult(planned(), [plain, best]).choice() == best


def test_the_choices_are_compared_with_source_only_where_it_is_swept_too() -> None:
    trials = [
        made_up(0.1, (-0.4, -0.2), (0.9, 0.8)),
        made_up(0.3, (-0.1, -0.3), (0.60, 0.51)),
        made_up(0.1, (-0.1, -0.1), (0.7, 0.6), objective="source-only"),
    ]
    plan = planned(objectives="dann,source-only")
    gain = SweepResult(plan, trials).gain("dann")
    assert gain is not None
    assert gain.differences == pytest.approx((-0.10, -0.09)), "of the choice, not of the oracle's"
    assert gain.verdict == "harm"
    assert "dann minus source-only, as chosen: -0.095" in as_text(SweepResult(plan, trials))
    told = as_json(SweepResult(plan, trials))["gain"]
    assert told["by_method"]["dann"]["verdict"] == "harm"
    assert SweepResult(plan, trials).gain("source-only") is None
    assert SweepResult(plan, trials[:2]).gain("dann") is None
    assert as_json(SweepResult(planned(), trials[:2]))["gain"] is None


# --- searches


def test_random_settings_are_the_same_for_one_seed_and_more_of_them_begin_alike(
    tmp_path: Path,
) -> None:
    def drawn(name: str, trials: int, seed: int = 0) -> list[dict[str, Any]]:
        plan = planned(
            objectives="mmd",
            grid="weight=.01..10;estimator=biased,unbiased;width=.5..2",
            search=Search("random", trials, seed),
        )
        found = Journal(plan, tmp_path / name)
        found.close()
        return [dict(trial.setting) for trial in found.trials()]

    many = drawn("many", 40)
    assert drawn("few", 5) == many[:5]
    assert drawn("few", 40) == many, "a file takes more"
    assert drawn("other", 5, seed=1) != many[:5]
    weights = np.log10([setting["weight"] for setting in many])
    assert weights.min() >= -2
    assert weights.max() <= 1
    assert abs(np.mean(weights < -0.5) - 0.5) < 0.25, "even on the log scale of lambda"
    assert {setting["estimator"] for setting in many} == {"biased", "unbiased"}


def test_pruning_compares_seeds_pairwise(tmp_path: Path) -> None:
    """The best setting's scores lie far apart; only a pairwise comparison sees that the second is always a little worse."""
    plan = planned(grid="weight=1,2,3", seeds=6, search=Search(prune=True))
    journal = Journal(plan, tmp_path / "sweep.journal")
    first = np.array([0.0, 5.0, 1.0, 9.0, 3.0, 7.0])
    offered = {
        1: first,
        2: first - np.array([0.1, 0.2, 0.15, 0.12, 0.11, 0.3]),
        3: first + np.array([-0.1, 0.3, -0.2, 0.25, 0.05, -0.01]),
    }
    heard = {}
    for _ in range(3):
        claim = journal.claim()
        assert claim is not None
        weight = claim.setting["weight"]
        heard[weight] = 0
        for seed, score in enumerate(offered[weight]):
            heard[weight] += 1
            run = Measured({"iwcv": score}, collapsed=False, oracle=None, seconds=1.0)
            if journal.record(claim, seed, run):
                break
        journal.finish(claim)
    journal.close()
    assert heard == {1: 6, 2: 4, 3: 6}, "four of four seeds: p = 1 / 16"
    assert [trial.state for trial in journal.trials()] == ["complete", "pruned", "complete"]


def test_what_is_known_of_a_setting_is_not_run_again() -> None:
    heard: list[Progress] = []
    result = swept(
        search="tpe", trials=5, seeds=1, grid={"weight": [1.0]}, on_progress=heard.append
    )
    assert len(result.trials) == 5
    assert len(heard) == 1, "TPE can draw one setting only"


# --- files that continue


def stopped_after(n: int) -> Callable[[Progress], None]:
    heard: list[Progress] = []

    def stop(progress: Progress) -> None:
        heard.append(progress)
        if len(heard) == n:
            raise KeyboardInterrupt

    return stop


@pytest.mark.parametrize("search", ["grid", "tpe"])
def test_a_stopped_sweep_goes_on_and_ends_as_one_that_was_not(search: str, tmp_path: Path) -> None:
    grid = "weight=.1,1,3" if search == "grid" else "weight=.1..3"
    options: dict[str, Any] = {"grid": grid, "search": search, "trials": 3}
    out = tmp_path / "sweep.json"
    whole = swept(**options)
    with pytest.raises(KeyboardInterrupt):
        swept(out=out, on_progress=stopped_after(3), **options)
    assert json.loads(out.read_text())["complete"] is False
    heard: list[Progress] = []
    rest = swept(out=out, on_progress=heard.append, **options)
    ran = {
        (trial.objective, *trial.setting.values(), s) for trial in rest.trials for s in trial.runs
    }
    assert len(heard) == len(ran) - 3, "no finished run twice"
    assert heard[-1].done == heard[-1].total == 3
    assert heard[-1].seconds_left == 0
    assert json.loads(out.read_text())["complete"] is True
    assert [t.setting for t in rest.trials] == [t.setting for t in whole.trials]
    for one, two in zip(rest.trials, whole.trials, strict=True):
        assert {s: r.scores for s, r in one.runs.items()} == {
            s: r.scores for s, r in two.runs.items()
        }
    again: list[Progress] = []
    assert swept(out=out, on_progress=again.append, **options).trials == rest.trials
    assert again == []


@pytest.mark.slow
def test_a_killed_process_stops_the_sweep_which_then_goes_on(tmp_path: Path) -> None:
    """Two real processes of one thread each; one is killed, the others end, and the next sweep trains only what is missing."""
    out, options = tmp_path / "sweep.json", {"grid": "weight=.1,.3,1,3", "steps": 20}
    seen: list[Progress] = []
    ended: list[psutil.Process] = []
    others = set(children())  # of tests before

    def kill(progress: Progress) -> None:
        seen.append(progress)
        if len(seen) == 2:
            ended.extend(process for process in children() if process not in others)
            assert len(ended) >= 2
            for name, value in ONE_THREAD.items():
                assert ended[0].environ()[name] == value
            ended[0].kill()

    with pytest.raises(RuntimeError, match="run the same sweep again"):
        swept(out=out, jobs=2, on_progress=kill, **options)
    psutil.wait_procs(ended, timeout=10)
    assert not [process for process in ended if process.is_running()]
    before = json.loads(out.read_text())
    assert before["complete"] is False
    heard: list[Progress] = []
    result = swept(out=out, on_progress=heard.append, **options)
    assert len(result.trials) == 4
    assert all(set(trial.runs) == {0, 1} for trial in result.trials)
    assert len(seen) + len(heard) <= 8
    runs = [(p.setting["weight"], p.seed) for p in (*seen, *heard)]
    assert len(set(runs)) == len(runs)


def children() -> list[psutil.Process]:
    """The processes of the sweep, without loky's own that count its semaphores."""
    found = psutil.Process().children()
    return [p for p in found if "resource_tracker" not in " ".join(p.cmdline())]


def test_two_sweeps_on_one_file_never_claim_the_same_setting(tmp_path: Path) -> None:
    plan = planned(grid="weight=1,2,3,4,5")
    both = [Journal(plan, tmp_path / "sweep.journal") for _ in range(2)]
    claims = [claim for _ in range(4) for j in both if (claim := j.claim()) is not None]
    assert sorted(claim.setting["weight"] for claim in claims) == [1, 2, 3, 4, 5]
    assert len(both[0].trials()) == 5
    both[0].close()
    left = [claim.setting for claim in claims[::2]]
    taken = [claim.setting for claim in iter(both[1].claim, None)]
    assert taken == left, "those of the sweep that ended, and of no other"
    both[1].close()


def test_a_claim_ends_with_its_process_and_not_with_its_number() -> None:
    node, (pid, started) = room.platform.node(), room._process()
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    room._active.add("token")
    try:
        alive = {
            (node, pid, started, "token"): True,
            (node, pid, started, "an earlier sweep"): False,
            (node, pid, started - 100, "token"): False,  # another process had this number
            (node, done.pid, started, "token"): False,
            ("elsewhere", pid, started, "?"): True,
            None: False,
        }
        for owner, expected in alive.items():
            assert room._is_alive(owner) is expected, owner
    finally:
        room._active.discard("token")


def test_a_line_that_was_torn_by_a_power_failure_loses_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "sweep.json"
    with pytest.raises(KeyboardInterrupt):
        swept(out=out, on_progress=stopped_after(2))
    with (tmp_path / "sweep.journal").open("ab") as file:
        file.write(b'{"op_code":8,"worker')
    heard: list[Progress] = []
    assert swept(out=out, on_progress=heard.append).complete
    assert len(heard) == 2
    assert swept(out=out).complete


def test_a_sweep_of_your_own_arrays_knows_them_again_and_not_by_the_targets_labels(
    tmp_path: Path,
) -> None:
    out, pair = tmp_path / "sweep.json", tl.load_pair(MOONS)
    assert swept(pair, out=out, seeds=1).complete
    assert pair.target.y is not None
    swept(replace(pair, target=replace(pair.target, y=1 - pair.target.y)), out=out, seeds=1)
    other = replace(pair, target=replace(pair.target, x=pair.target.x + 1))
    with pytest.raises(ValueError, match="has the data .* choose another file"):
        swept(other, out=out, seeds=1)


def test_another_grid_adds_to_the_file(tmp_path: Path) -> None:
    out, heard = tmp_path / "sweep.json", list[Progress]()
    swept(out=out, seeds=1)
    result = swept(out=out, seeds=1, grid="weight=1,3", on_progress=heard.append)
    assert [progress.setting for progress in heard] == [{"weight": 3.0}]
    assert [trial.setting["weight"] for trial in result.trials] == [0.1, 1.0, 3.0]
    assert result.complete
    wider = SweepResult(planned(grid="weight=1,3,9", seeds=1), result.trials)
    assert not wider.complete


def test_progress_is_one_line_with_the_time_that_is_left() -> None:
    run = Measured({"iwcv": -0.25}, collapsed=False, oracle=0.5, seconds=1.0)
    progress = Progress("dann", {"weight": 0.1}, 3, run, "iwcv", done=2, total=9, seconds_left=600)
    line = "dann, weight=0.1, seed 3: iwcv -0.250 (2 of 9 settings done, about 10 min left)"
    assert str(progress) == line
    assert "answers one class" in str(replace(progress, measured=replace(run, collapsed=True)))
    assert "in step 3" in str(replace(progress, measured=replace(run, failed="in step 3")))
    said = {0.4: "0 s", 89: "89 s", 600: "10 min", 7200: "2.0 h"}
    assert {s: replace(progress, seconds_left=s).time_left for s in said} == said


# --- one thread


def test_a_run_uses_one_thread_and_gives_the_others_back() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with one_thread():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same() -> None:
    here, there = swept(seeds=1), swept(seeds=1, backend="dask", jobs=1)
    assert [t.runs[0].scores for t in there.trials] == [t.runs[0].scores for t in here.trials]


def test_a_scheduler_that_is_away_costs_one_sentence_and_no_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("dask.distributed")
    out, away = tmp_path / "sweep.json", {"backend": "dask", "scheduler": "tcp://127.0.0.1:1"}
    swept(out=out, seeds=1, grid="weight=.1")
    held = out.read_text()
    monkeypatch.setattr(processes, "PATIENCE", 0.2)
    threads = threading.active_count()
    with pytest.raises(
        OSError, match=r"no Dask scheduler answers at tcp://127.0.0.1:1 within 0.2 s: start"
    ) as error:
        swept(out=out, seeds=1, **away)
    assert "\n" not in str(error.value)
    assert threading.active_count() == threads, "no client is left behind"
    first, *others = json.loads(out.read_text())["trials"]
    assert [first] == json.loads(held)["trials"]
    assert [other["state"] for other in others] == ["waiting"]
    heard: list[Progress] = []
    assert swept(out=out, seeds=1, on_progress=heard.append).complete, "without the address"
    assert [dict(one.setting) for one in heard] == [{"weight": 1.0}], (
        "what was known is not run again"
    )


def test_an_address_that_is_none_is_told_what_one_looks_like() -> None:
    pytest.importorskip("dask.distributed")
    for address in ("nonsense", "http://x:1", "tcp://x:port"):
        with pytest.raises(ValueError, match=f"looks like tcp://HOST:8786, got '{address}': "):
            swept(backend="dask", scheduler=address)


def test_a_server_that_is_no_scheduler_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dask.distributed")
    monkeypatch.setattr(processes, "PATIENCE", 2.0)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def talk() -> None:
            with server.accept()[0] as other:
                other.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 9)

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(OSError, match=f"no Dask scheduler answers at {address} "):
            swept(backend="dask", scheduler=address)
        thread.join()


class Lost(processes.Here):
    """Computes one run; then the scheduler is gone, and the client cancels what it waits for."""

    runs = 0

    def submit(self, *work: Any, **more: Any) -> Any:
        if self.runs:
            future: Future[Any] = Future()
            future.cancel()
            future.set_running_or_notify_cancel()
            return future
        self.runs += 1
        return super().submit(*work, **more)


def test_a_scheduler_that_goes_away_leaves_what_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "sweep.json"
    with monkeypatch.context() as patch:
        patch.setattr(running, "executor_of", lambda *_: nullcontext((Lost(), 1)))
        with pytest.raises(RuntimeError, match="scheduler went away .* run the same sweep"):
            swept(out=out, seeds=1)
    first, second = json.loads(out.read_text())["trials"]
    assert first["scores"]["iwcv"] is not None
    assert second["scores"]["iwcv"] is None
    heard: list[Progress] = []
    assert swept(out=out, seeds=1, on_progress=heard.append).complete
    assert len(heard) == 1


@pytest.mark.slow
def test_a_real_scheduler_that_goes_away_is_told_in_one_sentence(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The cluster runs in another process, which is killed after the first run."""
    pytest.importorskip("dask.distributed")
    program = (
        "from dask.distributed import LocalCluster\n"
        "with LocalCluster(n_workers=1, processes=False, dashboard_address=None, protocol='tcp') as cluster:\n"
        "    print(cluster.scheduler_address, flush=True)\n"
        "    input()\n"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", program], **pipes) as cluster:  # type: ignore[call-overload]
        address = cluster.stdout.readline().strip()
        with pytest.raises(RuntimeError, match="scheduler went away"):
            swept(
                out=tmp_path / "sweep.json",
                grid="weight=.1,.3,1,3",
                backend="dask",
                scheduler=address,
                on_progress=lambda _: cluster.kill(),
            )
        cluster.kill()
    assert (tmp_path / "sweep.json").is_file()
    assert not [record for record in caplog.records if record.name == "distributed.client"]


def test_a_scheduler_without_workers_is_told_how_to_start_one() -> None:
    distributed = pytest.importorskip("dask.distributed")
    with distributed.LocalCluster(n_workers=0, dashboard_address=None) as cluster:
        address = cluster.scheduler_address
        with pytest.raises(OSError, match=f"{address} has no workers: start one with `dask worker"):
            swept(jobs=None, backend="dask", scheduler=address)


# --- one sentence an error, and nothing lost


def test_bad_input_is_one_sentence_before_anything_is_trained() -> None:
    wrong: dict[str, dict[str, Any]] = {
        "at least one setting, got none": {"grid": {}},
        "got none: for instance weight=.1": {"grid": " ; "},
        "weight at least one value": {"grid": "weight="},
        "SETTING=VALUE": {"grid": "weight"},
        "'weight' twice": {"grid": "weight=1;weight=2"},
        "did you mean 'weight'": {"grid": "wieght=1"},
        "weight must be a number between 0 and": {"grid": "weight=1e9"},
        "freeze_depth must be a whole number between 0 and": {"grid": "freeze_depth=50"},
        "needs a list of values of weight, got the bounds 0.1..1": {"grid": "weight=.1..1"},
        "must rise, from above 0, got '0..1'": {"grid": "lr=0..1", "search": "random"},
        "two bounds of a number": {"grid": "optimizer=sgd..adam", "search": "random"},
        "no judge is called 'iwvc': did you mean 'iwcv'": {"choose": "iwvc"},
        "no search is called 'tpee'": {"search": "tpee"},
        "trials must be a whole number from 1 on, got 0": {"trials": 0},
        "no objective is called 'dannn'": {"objectives": "dannn"},
        "needs an objective": {"objectives": ()},
        "at least one seed, and each once, got []": {"seeds": []},
        "at least one seed, and each once, got 0": {"seeds": 0},
        "validation must be between 0 and 1, got 2": {"validation": 2},
        "jobs must be a whole number from 1 on, got 0": {"jobs": 0},
        "no backend is called 'dusk'": {"backend": "dusk"},
        "a scheduler needs the backend 'dask'": {"scheduler": "tcp://x:1"},
        "must be a .json file, got 'sweep.txt'": {"out": "sweep.txt"},
        "no folder /no/such": {"out": "/no/such/sweep.json"},
    }

    def is_refused(text: str) -> None:
        with pytest.raises((ValueError, OSError)) as error:
            swept(**wrong[text], on_progress=lambda _: pytest.fail("a run was trained"))
        assert text in str(error.value)
        assert "\n" not in str(error.value)

    for_each(wrong, is_refused)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished sweep's folder."""
    folder = tmp_path_factory.mktemp("sweep")
    swept(out=folder / "sweep.json", seeds=1)
    return folder


@pytest.fixture
def folder(written: Path, tmp_path: Path) -> Path:
    for file in written.glob("sweep.*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def unchanged(folder: Path, text: str, **more: Any) -> None:
    """Refused in one sentence that says this, and every file is as it was."""
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises(ValueError, match=text) as error:
        swept(**{"out": folder / "sweep.json", "seeds": 1, **more})
    assert "\n" not in str(error.value)
    assert "choose another file" in str(error.value)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_a_file_of_another_sweep_is_refused_and_stays(folder: Path) -> None:
    others: dict[str, dict[str, Any]] = {
        "has the pair .*'moons->rotated-moons', and 'blobs->": {"pair": "blobs->label-shift"},
        "has the options": {"pair_options": {"angle": 10}},
        "has the session .*and .* is asked for": {"steps": 6},
        r"has the seeds \[0\], and \[0, 1\]": {"seeds": 2},
        "has the search 'grid'": {"search": "random"},
        "has the pruning False, and True": {"prune": True},
        "has the validation 0.2": {"validation": 0.3},
        "has the network 'auto'": {"network": "mlp"},
    }
    for_each(others, lambda text: unchanged(folder, text, **others[text]))
    (folder / "sweep.json").unlink()
    for_each(others, lambda text: unchanged(folder, text, **others[text]))
    assert swept(out=folder / "sweep.json", seeds=1, choose="entropy").complete, (
        "another judge may choose among the same trials"
    )


def test_a_file_of_another_version_is_refused_and_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(tl, "__version__", "9.9")
        unchanged(folder, "must be of tltutor 9.9, format 2, got 0.1.0, format 2")
        (folder / "sweep.json").rename(folder / "aside")
        unchanged(folder, "must be of tltutor 9.9")
    text = (folder / "sweep.journal").read_text()
    assert '"format":2' in text
    (folder / "sweep.journal").write_text(text.replace('"format":2', '"format":1'))
    unchanged(folder, "format 2, got 0.1.0, format 1")


def test_a_file_that_is_no_sweep_is_refused_and_stays(folder: Path) -> None:
    out, journal = folder / "sweep.json", folder / "sweep.journal"
    journal.rename(folder / "aside")
    unchanged(folder, "without its trials, sweep.journal")
    for text in ("{}", "[1]", "dear diary"):
        out.write_text(text)
        unchanged(folder, "must be the result of a sweep, and is something else")
    out.unlink()
    for text in ("{}\n", "dear diary\nmonday\n", '[1]\n"a"\n'):
        journal.write_text(text)
        unchanged(folder, "must be the journal of a sweep")


def test_what_is_not_installed_is_named_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "dask.distributed", None)
        with pytest.raises(ImportError, match=r'Dask.*not installed: pip install "dask\[distri'):
            swept(backend="dask")
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ImportError, match="Optuna, which is not installed: pip install optuna"):
        swept(out=tmp_path / "sweep.json")
    assert not list(tmp_path.iterdir())


def test_the_table_says_how_it_was_chosen(written: Path) -> None:
    result = swept(objectives="dann,mcc", grid="weight=.1", steps=30)
    text = as_text(result)
    for part in ("2 of 2 settings", "iwcv", "seeds 0, 1", "20% of the source", "No target label"):
        assert part in text
    assert text.count("oracle, by the target's labels") == 3, "of both methods, and over all"
    assert "all methods" in text
    found = json.loads((written / "sweep.json").read_text())
    assert found["format"] == found["about"]["format"] == 2
    assert [t["setting"] for t in found["trials"]] == [{"weight": 0.1}, {"weight": 1.0}]
    assert found["complete"] is True


def test_a_sweep_that_runs_can_be_looked_at(tmp_path: Path) -> None:
    with Running(planned(), tmp_path / "sweep.json", jobs=1) as running:
        for progress in running:
            assert sum(len(t.runs) for t in running.result().trials) >= progress.done
            assert not running.ended
    assert running.ended
    assert running.result().complete
