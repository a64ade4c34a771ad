"""A walk over all objectives: every setting that one declares changes what the network learns."""

import copy
from functools import cache

import numpy as np
import pytest
import torch

import tltutor as tl
from tltutor.objectives import OBJECTIVES, build_objective, cdan

WHERE_IT_MATTERS = {  # what else must be set for it to count
    ("afn", "radius"): {"kind": "hard"},
    ("fixmatch", "weight"): {
        "threshold": 0.5
    },  # above it, whether any answer counts hangs on the build
    ("fixmatch", "strength"): {"threshold": 0.5},
    ("pseudo-labels", "weight"): {"threshold": 0.5},
    ("mean-teacher", "weight"): {"confidence": 0.5},
    ("mean-teacher", "noise"): {"confidence": 0.5},
}
HOW = {"batch_size": 16, "lr": 0.05, "device": "cpu"}


@cache
def begun():
    """A pair, and a network that is sure of some answers, as it must be for what hangs on sureness to act."""
    pair = tl.load_pair("printed->digits", seed=0, size=16)
    network = tl.build_network("lenet", pair, channels=(4, 6), width=12, seed=0)
    list(tl.Session(pair, network, build_objective("source-only-target-bn"), steps=150, **HOW))
    return pair, network


def learned(name, **settings):
    """The network's weights in one row, some steps later; settings: the objective's, and lambda."""
    pair, start = begun()
    network, weight = copy.deepcopy(start), settings.pop("weight", None)
    list(
        tl.Session(pair, network, build_objective(name, **settings), weight=weight, steps=8, **HOW)
    )
    return torch.cat([value.flatten() for value in network.parameters()]).detach()


def others(setting):
    """What to try in place of the setting's default: all choices, or both ends of its range."""
    tried = {"choice": setting.choices, "switch": (True, False)}.get(
        setting.scale, (setting.low, setting.high)
    )
    return [value for value in tried if value != setting.default]


@pytest.mark.parametrize("name", OBJECTIVES)
def test_every_setting_that_is_declared_does_something(name, monkeypatch):
    monkeypatch.setattr(
        cdan, "LARGEST", 50
    )  # so that random products stand for all of this small network
    idle = []
    for setting in OBJECTIVES[name].declared():
        more = WHERE_IT_MATTERS.get((name, setting.name), {})
        plain = learned(name, **more)
        if all(
            np.allclose(plain, learned(name, **more, **{setting.name: value}), atol=1e-7)
            for value in others(setting)
        ):
            idle.append(setting.name)
    assert idle == []
