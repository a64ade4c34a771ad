"""A walk over all objectives: inputs that nothing can be learned from end in finite weights, or in an error that says what to do."""

import math

import numpy as np
import pytest
import torch
from cases import for_each

import tltutor as tl
from tltutor.events import Stepped
from tltutor.metrics import mmd2_permutation_band
from tltutor.objectives import OBJECTIVES, build_objective
from tltutor.objectives.bnm import batch_nuclear_norm
from tltutor.objectives.bss import spectral_shrinkage
from tltutor.objectives.cmd import cmd
from tltutor.objectives.coral import coral_distance
from tltutor.objectives.distill import distillation_loss
from tltutor.objectives.fitnets import hint_loss
from tltutor.objectives.kernels import gaussian_kernel
from tltutor.objectives.log_coral import log_coral_distance
from tltutor.objectives.m3sda import moment_distance
from tltutor.objectives.mcd import discrepancy
from tltutor.objectives.mmd import mmd2

NAMES = tuple(OBJECTIVES)
LABELED = tuple(name for name, cls in OBJECTIVES.items() if "labeled" in cls.batches)
PARTIAL = "ignore:the target .* shows none of the classes:UserWarning"  # said once, where the pair is made


def images(n, classes, *, k=3, seed=0, constant=False):
    """n images of the classes in turn, a bright row for each; or all alike."""
    y = np.array(classes)[np.arange(n) % len(classes)]
    x = np.random.default_rng(seed).uniform(0, 0.5, (n, 1, 16, 16)).astype(np.float32)
    x[np.arange(n), 0, 4 * y + 1] += 0.5
    return tl.Domain(f"d{seed}", np.full_like(x, 0.5) if constant else x, y, tuple("abc"[:k]))


PAIRS = {
    "a class missing in the target": lambda: tl.DomainPair(
        images(12, [0, 1, 2]), images(10, [0, 2], seed=1)
    ),
    "another number of examples": lambda: tl.DomainPair(
        images(12, [0, 1, 2]), images(7, [0, 1, 2], seed=1)
    ),
    "the like everywhere": lambda: tl.DomainPair(
        images(12, [0, 1, 2], constant=True), images(9, [0, 1, 2], constant=True)
    ),
    "one example": lambda: tl.DomainPair(images(12, [0, 1, 2]), images(1, [0], seed=1)),
}
REMEDIES = {  # what may be refused, and how the sentence ends
    ("one example", "adabn"): "give more examples",
} | {("one example", name): "at least 2 examples" for name in LABELED}


def train(name, case, *, batchnorm=True):
    """Four steps; the session."""
    pair = PAIRS[case]()
    pair = pair.with_target_labels(2 if case == "one class" else 1) if name in LABELED else pair
    network = tl.build_network("lenet", pair, channels=(2, 3), width=5, seed=0, batchnorm=batchnorm)
    session = tl.Session(
        pair,
        network,
        build_objective(name),
        steps=4,
        batch_size=6,
        lr=0.05,
        device="cpu",
        snapshot_size=8,
    )
    losses = [
        value for fact in session if isinstance(fact, Stepped) for value in fact.losses.values()
    ]
    assert np.isfinite(losses).all()
    return session


@pytest.mark.filterwarnings(PARTIAL)
@pytest.mark.parametrize("name", NAMES)
def test_bad_input_leaves_finite_weights_or_a_remedy(name):
    for_each(
        [case for case in PAIRS if case != "one example"],
        lambda case: finite_weights_or_a_remedy(name, case),
    )


def finite_weights_or_a_remedy(name, case):
    if (case, name) in REMEDIES:
        with pytest.raises(ValueError, match=REMEDIES[case, name]):
            train(name, case)
        return
    session = train(name, case)
    assert all(value.isfinite().all() for value in session.network.state_dict().values())
    assert all(np.isfinite(value) for value in session.snapshot().numbers.values())


@pytest.mark.filterwarnings(PARTIAL)
def test_a_target_of_one_example_is_refused_by_batchnorm_with_a_remedy():
    """But by those that leave the target out of BatchNorm, in training too."""
    apart = {name for name in NAMES if OBJECTIVES[name].batchnorm == "source"}
    assert apart == {"source-only", "importance-weighting"}
    for_each([name for name in NAMES if name not in apart], one_example_is_refused)


def one_example_is_refused(name):
    with pytest.raises(
        ValueError,
        match=REMEDIES.get(("one example", name), "or build the network with batchnorm=False"),
    ):
        train(name, "one example")


@pytest.mark.filterwarnings(PARTIAL)
def test_source_only_does_not_mind_a_target_of_one_example():
    assert train("source-only", "one example").done


def test_a_batch_of_one_is_refused():
    pair = PAIRS["another number of examples"]()
    with pytest.raises(
        ValueError, match="batch_size must be a whole number between 2 and 4096, got 1"
    ):
        tl.Session(pair, tl.build_network("mlp", pair), build_objective("mmd"), batch_size=1)


@pytest.mark.parametrize(
    "widths",
    [[0.0], [1.0, 0], [-1.0], [], [math.nan], torch.zeros(1), [torch.tensor(0.0)]],
    ids=repr,
)
@pytest.mark.parametrize("distance", [mmd2, mmd2_permutation_band])
def test_a_kernel_of_no_width_is_refused_before_it_divides_by_it(distance, widths):
    with pytest.raises(ValueError, match="a kernel's widths must be above 0"):
        distance(torch.randn(4, 2), torch.randn(3, 2), widths)


@pytest.mark.parametrize("widths", [[0.0], [1.0, 0], [-1.0], [], [math.nan]], ids=repr)
def test_a_kernel_of_no_width_is_refused_by_itself_too(widths):
    with pytest.raises(ValueError, match="a kernel's widths must be above 0"):
        gaussian_kernel(torch.zeros(2, 2), widths)


DISTANCES = {
    "mmd2": lambda a, b: mmd2(a, b, [1.0]),
    "coral": coral_distance,
    "log-coral": lambda a, b: log_coral_distance(a, b, 0.01),
    "cmd": lambda a, b: cmd(a, b, 3),
    "m3sda": lambda a, b: moment_distance([a], b),
}
ANSWERS = {
    "distillation": lambda a, b: distillation_loss(a, b, 1.0),
    "fitnets": hint_loss,
    "mcd": discrepancy,
}


@pytest.mark.parametrize("name", [*DISTANCES, *ANSWERS])
def test_samples_of_different_widths_are_refused_where_one_would_be_stretched_to_the_other(name):
    with pytest.raises(
        ValueError,
        match=r"features of one width, got \(4, 3\) and \(4, 1\): take them from one stage",
    ):
        (DISTANCES | ANSWERS)[name](torch.zeros(4, 3), torch.zeros(4, 1))


SPECTRA = {
    "bnm": batch_nuclear_norm,
    "bss": spectral_shrinkage,
    "log-coral": lambda f: log_coral_distance(f, torch.randn(4, 3), 0.01),
}


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("name", SPECTRA)
def test_what_is_not_finite_has_no_spectrum_and_the_loss_tells(name, bad):
    """Where torch's own decomposition would stop with an error of its own; the session then says what to do."""
    assert SPECTRA[name](torch.tensor([[bad, 1.0, 0.0], [0.0, 1.0, 1.0], [1.0, 0.0, 2.0]])).isnan()


@pytest.mark.filterwarnings(PARTIAL)
@pytest.mark.parametrize("name", ["mmd", "dan", "jan", "coral", "log-coral"])
def test_a_target_of_one_example_asks_for_more_of_them(name):
    with pytest.raises(ValueError, match="at least 2 examples.*: give more"):
        train(name, "one example", batchnorm=False)
