"""The settings of a training run, declared once: the session checks them, and flags, links and the board are made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.networks import Network
    from tltutor.objectives import Objective

OptimizerName: TypeAlias = Literal["sgd", "adam", "adamw"]
ScheduleName: TypeAlias = Literal["dann", "constant", "cosine", "linear"]
BatchNormMode: TypeAlias = Literal["separate", "joint", "source"]
TargetOrder: TypeAlias = Literal["shuffled", "by-class"]
Augmentation: TypeAlias = Literal["none", "flip", "crop", "color", "all"]
Precision: TypeAlias = Literal["float32", "bf16"]

STEPS = Setting(
    "steps", 1000, 1, 1_000_000, "int", live=False, text="Number of training steps of the run."
)
BATCH_SIZE = Setting(
    "batch_size", 64, 2, 4096, "int", live=False, text="Examples of each domain in a step."
)
# A network may begin at another learning rate, freeze depth and update rule than these: see `Network.defaults`.
LR = Setting("lr", 0.01, 0.0, 1.0, "log", symbol="η", text="Learning rate, before the schedule.")
FREEZE_DEPTH = Setting(
    "freeze_depth",
    0,
    0,
    1000,
    "int",
    unit="stages",
    text="Number of stages, counted from the input, that stay frozen.",
)
OPTIMIZER = Setting(
    "optimizer",
    "sgd",
    scale="choice",
    choices=("sgd", "adam", "adamw"),
    live=False,
    text="How a gradient becomes a step: SGD with momentum, Adam, or AdamW.",
)
SCHEDULE = Setting(
    "schedule",
    "dann",
    scale="choice",
    choices=("dann", "constant", "cosine", "linear"),
    live=False,
    text="How the learning rate falls over the run; dann: lr / (1 + 10 p)^.75.",
)
WARMUP = Setting(
    "warmup",
    0.0,
    0.0,
    0.9,
    live=False,
    text="Share of the run in which the learning rate rises from 0, before the schedule.",
)
MOMENTUM = Setting(
    "momentum",
    0.9,
    0.0,
    0.999,
    live=False,
    text="Share of the last direction that the next step keeps; Adam's beta 1.",
)
WEIGHT_DECAY = Setting(
    "weight_decay",
    0.0,
    0.0,
    1.0,
    "log",
    live=False,
    text="How strongly each step pulls the weights toward 0.",
)
GRADIENT_CLIP = Setting(
    "gradient_clip",
    0.0,
    0.0,
    1000.0,
    "log",
    live=False,
    text="Largest norm of a step's whole gradient; 0 does not clip.",
)
BATCHNORM = Setting(
    "batchnorm",
    "separate",
    scale="choice",
    choices=("separate", "joint", "source"),
    live=False,
    text="BatchNorm statistics: one set for each domain, one for both, or the source's alone.",
)
TARGET_ORDER = Setting(
    "target_order",
    "shuffled",
    scale="choice",
    choices=("shuffled", "by-class"),
    live=False,
    text="How the target's examples come: shuffled, or one class after another, sorted by their true labels.",
)
AUGMENT = Setting(
    "augment",
    "none",
    scale="choice",
    choices=("none", "flip", "crop", "color", "all"),
    live=False,
    text="Other views of the images that are trained on: mirrored, cut out, in other light, or all of it.",
)
PRECISION = Setting(
    "precision",
    "float32",
    scale="choice",
    choices=("float32", "bf16"),
    live=False,
    text="Numbers that the stages compute a training step in; bf16 has half the bits, faster on most GPUs.",
)
SNAPSHOT_SIZE = Setting(
    "snapshot_size",
    400,
    4,
    20_000,
    "int",
    live=False,
    text="Points on the map, half of them source.",
)

OPTIONS: Mapping[str, Setting] = {
    setting.name: setting
    for setting in (
        STEPS,
        BATCH_SIZE,
        LR,
        FREEZE_DEPTH,
        OPTIMIZER,
        SCHEDULE,
        WARMUP,
        MOMENTUM,
        WEIGHT_DECAY,
        GRADIENT_CLIP,
        BATCHNORM,
        TARGET_ORDER,
        AUGMENT,
        PRECISION,
        SNAPSHOT_SIZE,
    )
}


def check_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Check the options by name and return them as their settings' own types; an error states rule, value and remedy."""
    return {name: OPTIONS[name].check(value) for name, value in options.items()}


def live_settings(objective: Objective, network: Network) -> tuple[Setting, ...]:
    """List what may change in the middle of a run: the objective's lambda and live settings, freeze depth, learning rate."""
    own = tuple(setting for setting in objective.declared() if setting.live)
    return (*own, *of_the_network(network))


def of_the_network(network: Network) -> tuple[Setting, Setting]:
    """Return freeze depth and learning rate with this network's bounds and defaults (`Network.defaults`)."""
    depth, begins = network.depth, network.defaults
    frozen = depth if begins.trunk_frozen else FREEZE_DEPTH.default
    lr = LR.default if begins.lr is None else begins.lr
    return replace(FREEZE_DEPTH, high=depth, default=frozen), replace(LR, default=lr)
