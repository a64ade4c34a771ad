"""What a discriminator thinks of each example: from the input that it is trained on, and never where there is none."""

import math
from dataclasses import replace

import torch
from cases import for_each
from test_adversarial import bound
from test_objectives import make_batch, normal
from test_session import build
from torch.nn import functional as F

from tltutor.objectives import ADDA, CDAN, CDANE, DANN, objective_names
from tltutor.objectives.dann import target_probability

IS_TARGET = torch.tensor([0.0] * 5 + [1.0] * 7)


def batch_of(session):
    """The batch of the coming step, the network as it trains."""
    drawn = session._examples.next()
    phase = session.objective.phases_at(session.progress)[0]
    return session._forward.batch(drawn, phase, weight=1.0, progress=session.progress)


def test_it_is_the_sigmoid_of_the_logit():
    found = target_probability(torch.tensor([[0.0], [math.log(3)], [-200.0]]))
    torch.testing.assert_close(found, torch.tensor([0.5, 0.75, 0.0]))


def test_cdans_sees_each_feature_times_each_prediction():
    exact, random = bound(CDAN(), d=3), bound(CDAN(), d=3)
    random.randomized = True
    random.R_f, random.R_g = normal(3, 16, seed=3).float(), normal(2, 16, seed=4).float()
    random.discriminator = torch.nn.Linear(16, 1)
    batch = make_batch(normal(5, 3, seed=1).float(), normal(7, 3, 1.0, seed=2).float())
    products, mixed = [], []
    for f, z in [*zip(batch.fs, batch.zs, strict=True), *zip(batch.ft, batch.zt, strict=True)]:
        g = [math.exp(e) / sum(math.exp(c) for c in z.tolist()) for e in z.tolist()]
        products.append([float(f[a]) * g[c] for a in range(3) for c in range(2)])
        mixed.append(
            [
                sum(float(f[a] * random.R_f[a, j]) for a in range(3))
                * sum(g[c] * float(random.R_g[c, j]) for c in range(2))
                / 4
                for j in range(16)
            ]
        )
    for cdan, seen in ((exact, products), (random, mixed)):
        logit = cdan.discriminator(torch.tensor(seen))[:, 0]
        torch.testing.assert_close(cdan.domain_opinion(batch), 1 / (1 + (-logit).exp()))


def test_it_is_what_the_loss_is_made_of():
    """The cross-entropy of the opinions is the domain term itself, where no example has a weight of its own."""

    def check(name):
        session = build(name)
        batch = batch_of(session)
        opinion = session.objective.domain_opinion(batch)
        is_target = (torch.arange(24) >= 12).float()
        domain = session.objective(batch)["domain"]
        torch.testing.assert_close(F.binary_cross_entropy(opinion, is_target), domain)

    for_each(["dann", "cdan", "dsbn"], check)


def test_weights_of_examples_do_not_change_the_opinion_of_one():
    batch = make_batch(normal(5, 3, seed=1).float(), normal(7, 3, 1.0, seed=2).float())
    plain, weighted = bound(CDAN()), bound(CDANE())
    torch.testing.assert_close(weighted.domain_opinion(batch), plain.domain_opinion(batch))
    session = build("pada")
    features = batch_of(session)
    by_hand = session.objective.discriminator(torch.cat([features.fs, features.ft]))
    torch.testing.assert_close(
        session.objective.domain_opinion(features), 1 / (1 + (-by_hand[:, 0]).exp())
    )


def test_addas_compares_the_source_encoders_source_with_the_networks_target():
    session = build(ADDA(source_share=0.5), steps=6)
    for _ in range(3):
        assert session.objective.domain_opinion(batch_of(session)) is None
        session.step()
    session.step()
    session.network.eval()
    batch = batch_of(session)
    encoder = session.objective.source_encoder.require_network()
    fs = encoder.eval().on("source").features(batch.xs)
    logit = session.objective.discriminator(torch.cat([fs, batch.ft]))[:, 0]
    torch.testing.assert_close(session.objective.domain_opinion(batch), logit.sigmoid())
    loss = session.objective(replace(batch, phase="discriminator"))["discriminator"]
    opinion = session.objective.domain_opinion(batch)
    torch.testing.assert_close(
        F.binary_cross_entropy(opinion, (torch.arange(24) >= 12).float()), loss
    )


def test_every_method_with_a_discriminator_has_an_opinion_and_no_other():
    def check(name):
        session = build(name, steps=2)
        list(session)
        opinion = session.objective.domain_opinion(batch_of(session))
        assert (opinion is not None) == hasattr(session.objective, "discriminator")
        if opinion is not None:
            assert opinion.shape == (24,)
            assert ((opinion >= 0) & (opinion <= 1)).all()

    for_each(objective_names(), check)


def test_a_trained_discriminator_knows_most_examples():
    dann = bound(DANN())
    batch = make_batch(normal(5, 3, seed=1).float(), normal(7, 3, 3.0, seed=2).float(), weight=0.0)
    optimizer = torch.optim.Adam(dann.parameters(), 0.05)
    for _ in range(100):
        optimizer.zero_grad()
        dann(batch)["domain"].backward()
        optimizer.step()
    assert ((dann.domain_opinion(batch) > 0.5) == IS_TARGET.bool()).all()
