"""What a learner passes in or gives back: one sentence with the rule, the value and a remedy that works."""

import copy
from contextlib import nullcontext

import numpy as np
import pytest
import torch
from test_session import build, image_pair
from torch import nn

import tltutor as tl
from tltutor.events import Failed, Stepped
from tltutor.objectives import Objective, Phase, SourceOnly
from tltutor.objectives.objective import task_loss


def objective(returned, **more):
    """A learner's objective whose forward gives back `returned(batch)`."""

    def forward(_, batch):
        return returned(batch)

    return type("Mine", (Objective,), {"name": "mine", "title": "Mine", "forward": forward, **more})


def forgetful(self):
    self.a = 1


RETURNED = {  # what forward gives back -> what is said
    "got a Tensor: end it with return {'task': loss}": task_loss,
    "got a float: end it": lambda _: 0.5,
    r"got nothing \(None\): end it with return": lambda _: None,
    "got an empty dict": lambda _: {},
    "got a tuple": lambda batch: (task_loss(batch),),
    "got a float for 'task': return the tensor itself, without .item": lambda batch: {
        "task": task_loss(batch).item()
    },
    "got a float32 for 'm': return the tensor": lambda batch: {
        "task": task_loss(batch),
        "m": batch.fs.detach().numpy().mean(),
    },
    r"got shape \(12,\) for 'task': take its .mean": lambda batch: {"task": batch.zs.sum(1)},
    "got the name 0: use a string": lambda batch: {0: task_loss(batch)},
    "'task' has no gradient: do not detach it": lambda batch: {"task": task_loss(batch).detach()},
    "'task' and 'other' have no gradient": lambda batch: {
        "task": task_loss(batch).detach(),
        "other": torch.tensor(1.0),
    },
}


def test_what_forward_gives_back_is_checked_at_the_first_step():
    for words, returned in RETURNED.items():
        session = build(objective(returned)())
        before = copy.deepcopy(session.network.state_dict())
        with pytest.raises((TypeError, ValueError), match=rf"Mine.forward must return .*{words}"):
            session.step()
        parameters = dict(session.network.named_parameters())
        assert all(torch.equal(before[name], p) for name, p in parameters.items())  # nothing moved
    assert isinstance(
        build(objective(lambda batch: {"task": task_loss(batch)})()).step()[0], Stepped
    )  # the remedy


def test_a_loss_without_a_gradient_is_fine_where_nothing_trains():
    detached = objective(lambda batch: {"task": task_loss(batch).detach()}, trainable=lambda *_: ())
    assert isinstance(build(detached()).step()[0], Stepped)
    one_term = objective(
        lambda batch: {"task": task_loss(batch), "only shown": batch.fs.detach().mean()}
    )
    assert isinstance(build(one_term()).step()[0], Stepped)


def test_each_phase_is_checked_by_what_it_trains():
    phases = (Phase("head", ("head",)), Phase("body", ("body",)))

    def returned(batch):
        loss = task_loss(batch)
        return {"task": loss if batch.phase == "head" else loss.detach()}

    with pytest.raises(ValueError, match="'task' has no gradient"):
        build(objective(returned, phases=phases)()).step()

    def body_alone(_, network):
        return network.stages.parameters()

    with pytest.raises(ValueError, match="'task' has no gradient"):
        build(objective(returned, phases=phases, trainable=body_alone)()).step()
    head_alone = objective(
        returned, phases=phases, trainable=lambda _, network: network.head.parameters()
    )
    build(head_alone()).step()  # nothing of the body trains: its phase needs no gradient


def test_an_objective_without_super_or_name_says_which_line_is_missing():
    with pytest.raises(TypeError, match=r"Mine.__init__ must begin with super\(\).__init__\(\)"):
        build(objective(lambda batch: {"task": task_loss(batch)}, __init__=forgetful)())
    nameless = type(
        "Nameless", (Objective,), {"forward": lambda _, batch: {"task": task_loss(batch)}}
    )
    with pytest.raises(TypeError, match="Nameless must declare its name.*name = 'nameless'"):
        build(nameless())


def test_a_class_a_name_or_another_module_in_place_of_an_object_is_met_with_what_to_write():
    pair = image_pair()
    network = tl.build_network("lenet", pair, channels=(4, 6), width=8)
    dann = tl.objectives.DANN()
    wrong = {
        r"got the class DANN: add brackets, DANN\(\)": (pair, network, tl.objectives.DANN),
        r"got the string 'dann': use tl.objectives.DANN\(\)": (pair, network, "dann"),
        "got the string 'dnan': use tl.objectives.build_objective": (pair, network, "dnan"),
        "got a ReLU: use tl.objectives.build_objective": (pair, network, nn.ReLU()),
        r"network must be a Network, got a Linear: use tl.build_network\('mlp', pair\)": (
            pair,
            nn.Linear(2, 2),
            dann,
        ),
        r"network must be a Network, got the string 'lenet': use tl.build_network\('lenet', pair\)": (
            pair,
            "lenet",
            dann,
        ),
        r"got the string 'moons->rotated-moons': use tl.load_pair\('moons->rotated-moons'\)": (
            "moons->rotated-moons",
            network,
            dann,
        ),
        "got a tuple: use .*tl.DomainPair": ((pair.source, pair.target), network, dann),
    }
    for words, arguments in wrong.items():
        with pytest.raises(TypeError, match=words):
            tl.Session(*arguments, steps=1, device="cpu")
    tl.Session(
        tl.load_pair("moons->rotated-moons"),
        tl.build_network("mlp", tl.load_pair("moons->rotated-moons")),
        dann,
    )  # the remedies


def named(pair, names, order):
    """The pair with these class names, the labels numbered in this order."""
    place = np.argsort(order)
    domains = [
        tl.Domain(d.name, d.x, place[d.y], tuple(names[i] for i in order))
        for d in (pair.source, pair.target)
    ]
    return tl.DomainPair(*domains)


def test_classes_are_compared_by_name_where_both_sides_have_names(tmp_path):
    names = ("cat", "dog", "owl")
    pair, turned = (named(image_pair(), names, order) for order in ([0, 1, 2], [2, 0, 1]))
    network = tl.build_network("lenet", pair, channels=(4, 6), width=8)
    network.save(tmp_path / "net.pt")
    loaded = tl.load_network(tmp_path / "net.pt")
    words = r"knows \['cat', 'dog', 'owl'\] and the pair names \['owl', 'cat', 'dog'\].*with_head\(pair.class_names\)"
    with pytest.raises(ValueError, match=words):
        build(pair=turned, network=loaded)
    build(pair=turned, network=loaded.with_head(turned.class_names)).step()  # the remedy
    build(pair=pair, network=loaded).step()
    build(pair=image_pair(), network=loaded).step()  # classes without names: their number decides


def test_a_step_after_the_last_is_refused():
    session = build("source-only", steps=3)
    facts = list(session)
    held = copy.deepcopy(session.network.state_dict())
    with pytest.raises(
        RuntimeError, match="a run of 3 steps ends with step 3.*new session with more steps"
    ):
        session.step()
    assert session.step_number == 3
    assert all(
        torch.equal(value, held[name]) for name, value in session.network.state_dict().items()
    )
    assert session.flush() == ()
    assert facts[-1].step == 3


class Broken(SourceOnly):
    name = "broken"

    def forward(self, batch):
        terms = super().forward(batch)
        return terms | {
            "bomb": terms["task"] * (float("nan") if batch.progress >= self.at else 0.0)
        }


def failure(session):
    with pytest.raises(FloatingPointError) as caught:
        list(session)
    return str(caught.value)


def test_a_run_that_diverges_is_told_the_remedy_that_fits_it():
    for at, words in ((0.0, "step 1 .*division by 0"), (0.5, "step 4 .*smaller learning rate$")):
        broken = Broken()
        broken.at = at
        message = failure(build(broken))
        assert "lambda" not in message  # source-only has none
        with pytest.raises(AssertionError, match=words):
            raise AssertionError(message)
    weighted = objective(
        lambda batch: {"task": task_loss(batch) * (float("inf") if batch.progress else 1.0)}
    )
    assert "or a smaller lambda" in failure(build(weighted()))


def test_features_in_the_ten_thousands_are_named_and_standardizing_them_helps():
    rng = np.random.default_rng(0)
    y = np.arange(200) % 2
    x = (rng.normal(size=(200, 2)) + 3 * y[:, None]).astype(np.float32)

    def run(scale, objective=SourceOnly):
        domains = tl.Domain("a", x * scale, y), tl.Domain("b", x * scale + scale, y)
        with (
            pytest.warns(UserWarning, match="standardize the features")
            if scale != 1
            else nullcontext()
        ):
            pair = tl.DomainPair(*domains)
        return tl.Session(
            pair, tl.build_network("mlp", pair, seed=0), objective(), steps=100, device="cpu"
        )

    broken = objective(lambda batch: {"task": task_loss(batch) * float("nan")})
    for session in (run(1e4), run(-1e4, broken)):
        with pytest.raises(
            FloatingPointError,
            match=r"standardize the features to a scale of about 1 \(they reach [67]e\+04\)",
        ):
            list(session)
    session = run(1.0)
    assert not any(isinstance(fact, Failed) for fact in session)
