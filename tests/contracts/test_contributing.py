"""What CONTRIBUTING.md says about adding an objective is true: its own text is one, and passes the walk that all of ours pass."""

from __future__ import annotations

import importlib
import inspect
import itertools
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np
import pytest
import test_experiment_branching
import test_objectives
import test_objectives_settings
import test_session
import torch
from places import ROOT

import tltutor as tl
from benchmarks import plan
from tltutor import objectives
from tltutor.objectives import OBJECTIVES, Objective
from tltutor.training.session import Session

TEXT = (
    (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("## Add an objective")[1].split("\n## ")[0]
)
BLOCKS = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
LABELED = {name for name, cls in OBJECTIVES.items() if "labeled" in cls.batches}
PLAIN = (
    set(OBJECTIVES) - LABELED - {"adabn"}
)  # a test over all of these holds for whatever is added
Stage: TypeAlias = tuple[
    Callable[..., None], str, dict[str, Any]
]  # a test, its argument that is an objective's name, the others
WALKED = (test_session, test_objectives, test_objectives_settings, test_experiment_branching)


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The text of CONTRIBUTING.md as one new file of the objectives' folder, and nothing else."""
    folder = tmp_path_factory.mktemp("objectives")
    (folder / "yours.py").write_text(BLOCKS[0], "utf-8")
    objectives.__path__.append(str(folder))
    found = importlib.import_module("tltutor.objectives.yours")
    yield found
    objectives.__path__.remove(str(folder))
    del sys.modules["tltutor.objectives.yours"], objectives.yours  # type: ignore[attr-defined]


@pytest.fixture
def added(module: Any) -> Iterator[type[Objective]]:
    """Its class, found as ours are, and among them, in its place, while a test lasts."""
    ours = dict(OBJECTIVES)
    found = {cls.name: cls for cls in objectives._scan_folder()}
    (name,) = found.keys() - ours.keys()
    fill(OBJECTIVES, found)
    yield found[name]
    fill(OBJECTIVES, ours)


def fill(registry: dict[str, type[Objective]], classes: dict[str, type[Objective]]) -> None:
    """Put these classes, in this order, in the place of what a registry has."""
    registry.clear()
    registry.update(classes)


def walk() -> Iterator[Any]:
    """Every test that goes over all objectives, with each of its other values."""
    for test in (t for room in WALKED for n, t in vars(room).items() if n.startswith("test_")):
        marks = {
            m.args[0]: list(m.args[1])
            for m in getattr(test, "pytestmark", ())
            if m.name == "parametrize"
        }
        over = next(
            (
                argument
                for argument in ("name", "objective")
                if set(map(str, marks.pop(argument, ()))) >= PLAIN
            ),
            None,
        )
        if over is not None:
            for values in itertools.product(*marks.values()):
                others = dict(zip(marks, values, strict=True))
                yield pytest.param(
                    (test, over, others),
                    id="-".join([test.__name__.removeprefix("test_"), *map(str, values)]),
                )


def test_the_walk_is_as_long_as_ours() -> None:
    names = {parameters.values[0][0].__name__ for parameters in walk()}
    assert {
        "test_every_objective_runs_finite_and_the_same_twice",
        "test_target_labels_reach_nothing",
        "test_frozen_stages_stay_bit_for_bit_buffers_too",
        "test_looking_after_every_step_changes_nothing",
        "test_every_objective_declares_itself",
        "test_every_setting_that_is_declared_does_something",
        "test_a_run_tells_the_terms_that_are_declared_and_no_other",
    } <= names


@pytest.mark.parametrize("stage", [*walk()])
def test_the_added_objective_walks_as_ours_do(
    stage: Stage, added: type[Objective], request: pytest.FixtureRequest
) -> None:
    test, over, others = stage
    wanted = set(inspect.signature(test).parameters) - {over, *others}
    test(**{over: added.name}, **others, **{name: request.getfixturevalue(name) for name in wanted})


def test_there_is_one_text_and_it_is_short() -> None:
    assert len(BLOCKS) == 1
    assert len(BLOCKS[0].splitlines()) < 50


def test_its_formula_is_that_of_a_linear_kernel(module: Any) -> None:
    rng = np.random.default_rng(0)
    xs, xt = rng.normal(size=(7, 3)), rng.normal(size=(5, 3)) + 1
    by_kernel = (xs @ xs.T).mean() + (xt @ xt.T).mean() - 2 * (xs @ xt.T).mean()
    assert float(module.mean_distance(torch.tensor(xs), torch.tensor(xt))) == pytest.approx(
        by_kernel
    )


def test_its_lambda_acts_from_the_start_on_and_no_sooner(added: type[Objective]) -> None:
    pair = test_session.image_pair()

    def weights(objective: Objective, weight: float, steps: int) -> torch.Tensor:
        network = tl.build_network("lenet", pair, channels=(4, 6), width=8, seed=0)
        session = Session(
            pair, network, objective, weight=weight, steps=10, batch_size=12, device="cpu"
        )
        for _ in range(steps):
            session.step()
        return network.stages["conv1"][0].weight.detach().clone()

    assert torch.equal(
        weights(added(start=0.5), 1.0, 5), weights(tl.objectives.SourceOnly(), 1.0, 5)
    )
    assert not torch.equal(
        weights(added(start=0.5), 1.0, 6), weights(tl.objectives.SourceOnly(), 1.0, 6)
    )


def test_its_setting_becomes_a_flag(
    added: type[Objective], capsys: pytest.CaptureFixture[str]
) -> None:
    from tltutor.cli import main

    words = (
        "run",
        "moons->rotated-moons",
        "--objective",
        added.name,
        "--start",
        "0.5",
        "--steps",
        "2",
        "--seeds",
        "1",
    )
    assert main(words) == 0
    assert "mean matching" in capsys.readouterr().out


def test_it_stands_among_its_family_and_the_benchmarks_know_what_to_give_it(
    added: type[Objective],
) -> None:
    names = list(OBJECTIVES)
    assert names.index("mmd") < names.index(added.name) < names.index("dan"), "2012, 2014, 2015"
    assert plan.given_of(added) == plan.PLAIN
    assert plan.Row(added.name) in plan.all_rows()


def test_its_formula_refuses_what_ours_refuse(module: Any) -> None:
    with pytest.raises(
        TypeError, match=r"fs must be a tensor \(n, d\) of floats, got list: torch.tensor\(fs"
    ):
        module.mean_distance([[1.0]], torch.zeros(2, 1))


def test_the_code_that_is_shown_is_the_text(added: type[Objective]) -> None:
    assert inspect.getsource(added) in BLOCKS[0]
