"""A learner's own objective: held to the package's own and to a run, its faults are sentences, and it plays on a board."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from cases import for_each
from torch import Tensor
from torch.nn import functional as F
from waiting import until

import tltutor as tl
from tltutor import lessons
from tltutor.experiment import Experiment
from tltutor.lessons import watching
from tltutor.lessons.playing import Played, experiment_of, held
from tltutor.lessons.progress import VARIABLE
from tltutor.lessons.sandbox import shared_sandbox
from tltutor.lessons.wording import Help
from tltutor.objectives.objective import Batch, Objective

BOARD = Experiment(
    "bands->subspace-shift",
    "mmd",
    session_options={"steps": 20, "batch_size": 16, "lr": 0.05},
    values={"estimator": "biased"},
)
WORDS = Help((), "", {"linear": {"en": "Means alone.", "zh": "只有均值。"}})


@pytest.fixture(autouse=True, scope="module")
def one_worker() -> Iterator[None]:
    shared_sandbox().warm()
    yield
    shared_sandbox().close()
    shared_sandbox.cache_clear()


def biased(fs: Tensor, ft: Tensor, sigma: Any) -> Tensor:
    def mean(a: Tensor, b: Tensor) -> Tensor:
        return torch.exp(-(torch.cdist(a, b) ** 2) / (2 * sigma**2)).mean()

    return mean(fs, fs) + mean(ft, ft) - 2 * mean(fs, ft)


class Mine(Objective):
    name, title, terms = "my-mmd", "My MMD", ("task", "mmd")

    def mmd(self, batch: Batch) -> Any:
        sigma = torch.pdist(torch.cat([batch.fs, batch.ft]).detach()).median()
        return sum(biased(batch.fs, batch.ft, sigma * k) for k in (0.5, 1, 2)) / 3

    def forward(self, batch: Batch) -> Any:
        return {"task": F.cross_entropy(batch.zs, batch.ys), "mmd": batch.weight * self.mmd(batch)}


class Linear(Mine):
    def mmd(self, batch: Batch) -> Any:
        return (batch.fs.mean(0) - batch.ft.mean(0)).square().sum()


PLAYED = Played(board="mine", mistakes={"linear": Linear}, steps=4)


def told(cls: Any, played: Played = PLAYED) -> str:
    note, plays = held(cls, played, BOARD, WORDS)
    return f"{note.mood}, {'plays' if plays else 'no board'}: {note.text}"


def test_one_that_is_right_in_values_gradients_and_run_plays() -> None:
    assert told(Mine).startswith("right, plays: The same as the package's own")


def test_a_known_mistake_gets_its_text_and_plays() -> None:
    assert told(Linear).startswith("wrong, plays: Means alone. It runs all the same")


# --- what differs


class NoLambda(Mine):
    def forward(self, batch: Batch) -> Any:
        return {"task": F.cross_entropy(batch.zs, batch.ys), "mmd": self.mmd(batch)}


class OneSided(Mine):
    """The right value, and no gradient for the target."""

    def mmd(self, batch: Batch) -> Any:
        return super().mmd(replace(batch, ft=batch.ft.detach()))


class Early(Mine):
    """Right at the first step alone."""

    def mmd(self, batch: Batch) -> Any:
        return super().mmd(batch) * (1 + batch.progress)


class OtherNames(Mine):
    def forward(self, batch: Batch) -> Any:
        return {"task": F.cross_entropy(batch.zs, batch.ys), "distance": self.mmd(batch)}


def test_each_difference_is_said_where_it_is_first_seen() -> None:
    assert "“mmd” is" in told(NoLambda)
    assert "(λ is 0.5 here)" in told(NoLambda)
    assert "its gradient for the features of the target is not" in told(OneSided)
    assert "The first step is right. In step 2, “mmd” is" in told(Early)
    assert "must return these terms: task, mmd. Yours are: task, distance." in told(OtherNames)
    for cls in (NoLambda, OneSided, Early, OtherNames):
        assert told(cls).startswith("wrong, plays")


# --- faults, none of which reaches the board


class Returns(Mine):
    def forward(self, batch: Batch) -> Any:
        return {"task": F.cross_entropy(batch.zs, batch.ys), "mmd": self.mmd(batch)}


class Unreduced(Returns):
    def mmd(self, batch: Batch) -> Any:
        return (batch.fs - batch.ft).square().sum(1)


class Detached(Returns):
    def mmd(self, batch: Batch) -> Any:
        return super().mmd(batch).detach()


class Number(Returns):
    def mmd(self, batch: Batch) -> Any:
        return super().mmd(batch).item()


class NotANumber(Returns):
    def mmd(self, batch: Batch) -> Any:
        return torch.log(super().mmd(batch) * -1)


class Nothing(Mine):
    def forward(self, batch: Batch) -> Any:
        F.cross_entropy(batch.zs, batch.ys)


class OneTensor(Mine):
    def forward(self, batch: Batch) -> Any:
        return F.cross_entropy(batch.zs, batch.ys)


class OtherShape(Mine):
    def mmd(self, batch: Batch) -> Any:
        return (batch.fs @ batch.ft).mean()


class InPlace(Returns):
    def mmd(self, batch: Batch) -> Any:
        batch.xt.mul_(2)
        return super().mmd(batch)


class Blank(Returns):
    def mmd(self, batch: Batch) -> Any:
        return ...


class Exits(Mine):
    def forward(self, batch: Batch) -> Any:
        raise SystemExit(3)


class Unnamed(Objective):
    title = "No name"

    def forward(self, batch: Batch) -> Any:
        return {"task": F.cross_entropy(batch.zs, batch.ys)}


class NoForward(Objective):
    name, title = "nothing", "Nothing"


FAULTS: list[tuple[Any, str]] = [
    (Unreduced, "“mmd” has the shape (16,). A loss is one number"),
    (Detached, "“mmd” has no gradient"),
    (Number, "“mmd” is a float. Return the tensor itself"),
    (NotANumber, "“mmd” is nan in step 1"),
    (Nothing, "and it returns None"),
    (OneTensor, "and it returns Tensor"),
    (OtherShape, "In OtherShape.forward: in its line 2 it raises RuntimeError"),
    (InPlace, "forward changes batch.xt of its batch in place"),
    (Exits, "In Exits.forward: in its line 2 it raises SystemExit"),
    (Unnamed, "Unnamed needs a name: add the line"),
    (NoForward, "NoForward needs forward(self, batch)"),
    (Mine(), "Give the class itself, and no instance: Mine, without brackets"),
    (biased, "biased must be a class of objectives"),
    (dict, "dict must be a class of objectives"),
    (3, "int must be a class of objectives"),
]


def test_each_fault_is_a_sentence_and_no_board() -> None:
    def said(case: tuple[Any, str]) -> None:
        text = told(case[0])
        assert text.startswith("wrong, no board"), text
        assert case[1] in text, text

    for_each(FAULTS, said)


def test_a_blank_is_no_fault() -> None:
    assert told(Blank).startswith("plain, no board: There is still a blank to fill")


class Endless(Mine):
    def forward(self, batch: Batch) -> Any:
        while batch is not None:
            pass


def test_an_endless_loop_is_stopped_and_the_next_try_works() -> None:
    assert "still running after 2 seconds, and was stopped" in told(
        Endless, replace(PLAYED, seconds=2.0)
    )
    assert told(Mine).startswith("right")


def test_what_cannot_be_sent_is_said() -> None:
    locked = type("Locked", (Mine,), {"lock": threading.Lock(), "__module__": "__main__"})
    assert "cannot be sent there" in told(locked)


def test_the_experiment_of_a_board_is_the_one_that_its_lab_shows() -> None:
    board: dict[str, Any] = {
        "pair": "moons->rotated-moons",
        "objective": "mmd",
        "values": {"width": 2.0},
        "projection": "pca",
        "steps": 3,
        "batch_size": 8,
        "weight": 2.0,
        "hide": ["seed"],
        "name": "mine",
    }
    lab = tl.Lab(**board)
    try:
        assert experiment_of(board) == lab.experiment
    finally:
        lab.close()


# --- on the board


class LoopsLater(Mine):
    """Passes the trial, and does not end in the second half of the run."""

    def forward(self, batch: Batch) -> Any:
        while batch.progress > 0.5:
            pass
        return super().forward(batch)


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "progress.jsonl"))
    return lessons.begin("10")


def test_a_right_one_solves_the_exercise_and_its_board_trains_with_it(begun: Any) -> None:
    shown = begun.play_objective("MyMMD", Mine)
    try:
        assert shown.note.mood == "right"
        assert shown.card.state == "done"
        assert isinstance(shown.lab.session.objective, Mine)
        shown.lab.step(3)
        assert shown.lab.wait(60)
        assert set(shown.lab.recording.stepped[-1].losses) == {"task", "mmd"}
    finally:
        shown.lab.close()
    assert begun.play_objective("MyMMD", Detached).lab is None


def test_a_loop_that_the_trial_missed_is_stopped_on_the_board(
    begun: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "PATIENCE", 0.5)
    shown = begun.play_objective("MyMMD", LoopsLater)
    try:
        shown.lab.play()
        with pytest.raises(watching.TooLongError, match="still running after 0.5 seconds"):
            shown.lab.wait(60)
        assert shown.lab.session.step_number > 100
        until(lambda: "Does every loop end?" in shown.lab.board.error.text)
    finally:
        shown.lab.close()


def test_a_watch_ends_when_nothing_runs_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "REST", 0.1)
    identity = watching.watched(torch.nn.Identity())
    assert identity(3) == 3
    until(lambda: "forward-watch" not in [thread.name for thread in threading.enumerate()])
    assert identity(4) == 4, "and begins again"


def test_a_pass_that_ended_is_not_stopped_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "PATIENCE", 0.3)
    identity = watching.watched(torch.nn.Identity())
    identity(3)
    time.sleep(0.8)
    assert identity(4) == 4


class MyDistillation(tl.objectives.Distillation):
    """The package's own formula, said anew."""

    name, title = "my-distillation", "MyDistillation"

    def forward(self, batch: Batch) -> Any:
        z, v = torch.cat([batch.zs, batch.zt]), self.teacher.outputs(batch).z
        p, q = (F.softmax(x / self.temperature, 1) for x in (v, z))
        kl = (p * (p.log() - q.log())).sum(1).mean() * self.temperature**2
        task = F.cross_entropy(batch.zs, batch.ys)
        return {"task": (1 - batch.weight) * task, "teacher": batch.weight * kl}


class OwnStart(MyDistillation):
    """Asks another teacher than the one that it was given: the student's start."""

    def __init__(self, teacher: Any = None) -> None:
        super().__init__()


def test_a_class_and_its_oracle_are_made_with_the_same_teacher(begun: Any) -> None:
    pair = tl.load_pair("bands->subspace-shift", seed=0)
    teacher = tl.build_network("mlp", pair, seed=7)
    board = {"pair": pair, "network": "mlp", "steps": 40, "batch_size": 16, "lr": 0.05}
    shown = Experiment(
        pair, "distillation", "mlp", session_options={"steps": 40, "batch_size": 16, "lr": 0.05}
    )
    note, plays = held(OwnStart, replace(PLAYED, mistakes={}), shown, WORDS, {"teacher": teacher})
    assert plays
    assert note.text.startswith("“teacher” is 0 in the first step")
    lesson = lessons.begin("07")
    played = lesson.play_objective(
        "MyDistillation", MyDistillation, made_with={"teacher": teacher}, **board
    )
    try:
        assert played.note.mood == "right", played.note.text
        of_the_board = played.lab.session.objective.teacher.network
        assert torch.equal(of_the_board.head.weight, teacher.head.weight)
        assert played.lab.session.pair is pair
    finally:
        played.lab.close()
