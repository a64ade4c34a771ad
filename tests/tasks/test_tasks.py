"""A task is all that depends on the kind of label: classes by closed forms, and another kind that needs no other edit."""

import copy

import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss, r2_score
from torch import nn

import tltutor as tl
from tltutor.networks.small import mlp
from tltutor.tasks import CLASSIFICATION, Task


def test_classification_is_cross_entropy_the_largest_logit_and_the_share_that_is_right():
    z, y = (
        torch.tensor([[2.0, 0.0, 1.0], [0.0, 3.0, 1.0], [0.0, 0.0, 5.0], [1.0, 0.0, 0.0]]),
        torch.tensor([0, 1, 0, 0]),
    )
    assert float(CLASSIFICATION.loss(z, y)) == pytest.approx(
        log_loss(y, z.double().softmax(1), labels=[0, 1, 2]), rel=1e-6
    )
    assert CLASSIFICATION.predict(z).tolist() == [0, 1, 2, 0]
    assert CLASSIFICATION.score(CLASSIFICATION.predict(z), y.numpy()) == 0.75
    head = CLASSIFICATION.head(5, 3)
    assert head(torch.zeros(2, 5)).shape == (2, 3)


class Regression(Task):
    """A number for each example, for this test only."""

    name, score_name = "regression", "r2"

    def head(self, width, outputs):
        return nn.Linear(width, 1)

    def loss(self, z, y):
        return (z[:, 0] - y).square().mean()

    def predict(self, z):
        return z[:, 0].cpu().numpy()

    def score(self, predictions, y):
        return float(r2_score(y, predictions))


def numbers_pair():
    rng = np.random.default_rng(0)

    def domain(name, offset):
        y = rng.integers(0, 4, 120)
        return tl.Domain(
            name,
            np.stack([y + offset, rng.normal(size=120), rng.normal(size=120)], 1).astype(
                np.float32
            ),
            y,
        )

    return tl.DomainPair(domain("s", 0.0), domain("t", 0.1))


def test_another_kind_of_label_runs_through_network_objective_and_session():
    pair = numbers_pair()
    body = mlp((3,), width=16, batchnorm=False)
    network = tl.networks.Network(
        body, pair.class_names, name="mlp", shape=(3,), options={}, task=Regression()
    )
    assert network.head.out_features == 1
    assert copy.deepcopy(network).with_head(("a", "b")).head.out_features == 1
    session = tl.Session(
        pair, network, tl.objectives.FineTune(), steps=200, batch_size=40, lr=0.05, device="cpu"
    )
    facts = list(session)
    assert facts[-2].losses["task"] < facts[0].losses["task"] / 10
    assert session.evaluate().keys() == {"source_r2", "target_r2"}
    assert session.evaluate()["target_r2"] > 0.8
    assert {"source_r2", "target_r2"} <= session.snapshot().numbers.keys()
    assert np.issubdtype(session.predict(pair.target.x).dtype, np.floating)
    source_only = tl.Session(
        pair, copy.deepcopy(network), tl.objectives.SourceOnly(), steps=1, device="cpu"
    )
    batch_loss = source_only.step()[0].losses["task"]
    assert (
        batch_loss < facts[0].losses["task"]
    )  # the trained head's squared error, not a cross-entropy of one output (0)
    assert batch_loss > 0
