"""torch's compiler is not loaded to build a run, is there for its first step, and changes nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from tltutor.training import late_compiler
from tltutor.training.late_compiler import without_compiler
from tltutor.training.optimizer import UpdateRule

CODE = """
import sys
import tltutor as tl
pair = tl.load_pair("moons->rotated-moons", seed=0, n_samples=40)
session = tl.Session(pair, tl.build_network("mlp", pair), tl.build_objective("mmd"), steps=3)
session.snapshot()
built = "torch._dynamo" in sys.modules
before = [p.detach().clone() for p in session.network.parameters()]
session.step()
print(built, any(not p.equal(q) for p, q in zip(session.network.parameters(), before)))
"""


def test_a_run_is_built_and_looked_at_without_the_compiler_and_trains() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split() == ["False", "True"], done.stderr


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
def test_an_optimizer_that_is_built_so_steps_as_torchs_own(
    optimizer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late_compiler, "COMPILER", "not loaded")
    rule = UpdateRule(optimizer=optimizer)  # type: ignore[arg-type]
    moved = []
    for build in (lambda p: rule.build([{"params": [p]}], 0.1), lambda p: _plain(rule, p)):
        p = torch.nn.Parameter(torch.tensor([1.0, -2.0]))
        made = build(p)
        made.zero_grad()
        (p**2).sum().backward()
        made.step()
        made.add_param_group({"params": [torch.nn.Parameter(torch.ones(1))]})
        assert len(made.param_groups) == 2
        moved.append(p.detach())
    assert torch.equal(*moved)


def _plain(rule: UpdateRule, p: torch.nn.Parameter) -> torch.optim.Optimizer:
    cls = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
    how = {"momentum": 0.9} if rule.optimizer == "sgd" else {"betas": (0.9, 0.999)}
    made: torch.optim.Optimizer = cls[rule.optimizer]([p], 0.1, weight_decay=0.0, **how)
    return made


def test_nothing_is_left_behind_and_a_torch_that_does_it_otherwise_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(late_compiler, "COMPILER", "not loaded")
    plain = torch.optim.Optimizer.add_param_group.__wrapped__
    monkeypatch.delattr(plain, "__dynamo_disable", raising=False)
    with pytest.raises(KeyError), without_compiler():
        assert plain.__dynamo_disable is plain
        raise KeyError
    assert not hasattr(plain, "__dynamo_disable")
    monkeypatch.setattr(torch.optim.Optimizer, "add_param_group", lambda *_: None)
    with without_compiler():
        pass
