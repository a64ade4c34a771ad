"""What lesson 07 claims of its students, trained anew with the lesson's own cells."""

from __future__ import annotations

from functools import cache
from statistics import mean
from typing import Any

import numpy as np
import pytest
import torch
from measured import CHOSEN, SEEDS, keep, tell
from notebook_runs import Run, space, trained
from torch.nn import functional as F

from tltutor.lessons.faults import find_fault

pytestmark = [pytest.mark.claims, pytest.mark.slow]

LESSON = "07"
STUDENTS = ("hard", "soft", "warm")


@cache
def begun(seed: int) -> dict[str, Any]:
    marks = ("load_digits(", "school =", "def student(", "warm =", "soft =")
    return space(LESSON, seed, "import numpy", *marks)


def student(name: str, seed: int) -> Run:
    found: Run = begun(seed)[name]
    return found


def eights(name: str) -> list[float]:
    return keep(LESSON, f"{name}, eights", [student(name, seed).target for seed in SEEDS])


PRODUCT: Any = find_fault("label-times-teacher")


class LabelAlone(PRODUCT):  # type: ignore[misc]
    """The product without the teacher's factor: the label, at the same temperature."""

    def broken(self, z: torch.Tensor, v: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return self.temperature**2 * F.cross_entropy(z / self.temperature, y)


@cache
def taught(objective: Any, seed: int, *, mistake: bool = True) -> Run:
    """The board of section 3."""
    names = begun(seed)
    how = {**names["same"], **names["options"]}
    return trained(names["pair"], objective(names["teacher"], mistake=mistake), weight=1.0, **how)


def test_the_product_teaches_no_more_than_the_label_and_without_the_mistake_it_is_warm() -> None:
    """Half of the smallest of five: .49 behind warm."""
    product = keep(LESSON, "product, eights", [taught(PRODUCT, s).target for s in SEEDS])
    alone = keep(LESSON, "label alone, eights", [taught(LabelAlone, s).target for s in SEEDS])
    assert min(np.subtract(eights("warm"), product)) > 0.24
    assert mean(product) < mean(alone) + 0.05
    assert taught(PRODUCT, 0, mistake=False).losses == student("warm", 0).losses


@cache
def teacher(seed: int) -> float:
    names = begun(seed)
    school = names["school"]
    with torch.inference_mode():
        _, v = names["teacher"].eval()(torch.as_tensor(school.target_test.x.copy()))
    return float((v.argmax(1).numpy() == school.target_test.y).mean())


@pytest.mark.parametrize("seed", SEEDS)
def test_no_student_is_shown_an_eight(seed: int) -> None:
    pair = begun(seed)["pair"]
    assert 8 not in pair.source.y
    assert 8 not in pair.target.y
    assert set(pair.target_test.y) == {8}


def test_hard_labels_teach_no_eight_and_a_warm_teacher_more_than_a_cold_one() -> None:
    """Half of the smallest of five: .16 for T = 1, .22 from there to T = 4, .49 in all."""
    keep(LESSON, "teacher, eights", [teacher(seed) for seed in SEEDS])
    assert max(eights("hard")) < 0.02
    assert min(eights("soft")) > 0.08
    gap = np.subtract(eights("warm"), eights("soft")).tolist()
    tell("warm over soft", gap)
    assert min(gap) > 0.1
    assert min(eights("warm")[: len(CHOSEN)]) > 0.5
    assert min(eights("warm")) > 0.25


def test_the_other_digits_are_learned_as_well_by_all_and_no_student_passes_its_teacher() -> None:
    sources = {name: [student(name, seed).source for seed in SEEDS] for name in STUDENTS}
    for name, found in sources.items():
        tell(f"{name}, other digits", found)
        assert min(found) > 0.9
    assert mean(eights("warm")) < mean([teacher(seed) for seed in SEEDS])


@pytest.mark.parametrize("seed", SEEDS)
def test_the_product_leaves_nothing_but_the_label(seed: int) -> None:
    names = begun(seed)
    threes = names["others"].x[names["others"].y == 3]
    with torch.inference_mode():
        _, v = names["teacher"].eval()(torch.as_tensor(threes.copy()))
    q = F.one_hot(torch.full((len(v),), 3), 10) * F.softmax(v / 4, dim=1)
    assert (q > 0).sum(1).tolist() == [1] * len(v)
    assert F.softmax(v / 4, dim=1)[:, 8].mean() > 2 * F.softmax(v, dim=1)[:, 8].mean()
