"""Which step each judge would have chosen: the best look, never a collapsed one, and the oracle's beside."""

import numpy as np

from tltutor.events import JUDGE
from tltutor.recording import Frame
from tltutor.recording.choices import chosen_steps

IS_TARGET = np.array([False, False, True, True])
VARIED, ONE_CLASS = np.array([0, 1, 0, 1]), np.array([0, 1, 1, 1])


def frame(step, predictions=VARIED, **numbers):
    named = {
        name if name.endswith("accuracy") else f"{JUDGE}{name}": value
        for name, value in numbers.items()
    }
    return Frame(step, np.zeros((4, 2)), predictions.copy(), named)


def test_each_judge_has_its_best_look_and_the_first_of_equal_ones():
    frames = [
        frame(0, iwcv=-0.5, snd=1.0, target_accuracy=0.2),
        frame(10, iwcv=-0.1, snd=3.0, target_accuracy=0.9),
        frame(20, iwcv=-0.1, snd=2.0, target_accuracy=0.6),
    ]
    assert chosen_steps(frames, IS_TARGET) == {"iwcv": 10, "snd": 10, "oracle": 10}


def test_a_look_at_which_all_of_the_target_is_one_class_is_chosen_by_none():
    frames = [frame(0, snd=1.0), frame(10, ONE_CLASS, snd=9.0, target_accuracy=1.0)]
    assert chosen_steps(frames, IS_TARGET) == {"snd": 0}


def test_without_a_judge_there_is_no_oracle_either_and_nan_is_never_best():
    assert chosen_steps([frame(0, target_accuracy=0.9)], IS_TARGET) == {}
    frames = [frame(0, atc=float("nan")), frame(10, atc=0.1)]
    assert chosen_steps(frames, IS_TARGET) == {"atc": 10}
    assert chosen_steps([], IS_TARGET) == {}
