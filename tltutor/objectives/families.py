"""The families of objectives, in the order in which menus and tables list them, each with one line about its idea.

An objective is not listed here: its class names its family.
"""

from __future__ import annotations

from typing import NamedTuple

from tltutor.language import mark


class Family(NamedTuple):
    """A family: its name in the code, its title and one line for people (`tr` translates both)."""

    name: str
    title: str
    text: str


class Group(NamedTuple):
    """A family with the names of its objectives, in their order."""

    family: str
    title: str
    text: str
    names: tuple[str, ...]


FAMILIES = (
    Family(
        "baseline",
        mark("Baselines"),
        mark("No transfer term; every other method has to beat these."),
    ),
    Family(
        "fine-tuning",
        mark("Fine-tuning"),
        mark("A trained network learns on from a few labeled target examples."),
    ),
    Family(
        "discrepancy",
        mark("Distances"),
        mark(
            "The distributions of source and target features come close, by a distance between them."
        ),
    ),
    Family(
        "reweighting",
        mark("Weights"),
        mark("Source examples count the more, the more they are like the target's."),
    ),
    Family(
        "adversarial",
        mark("Adversaries"),
        mark("An adversary looks for a difference between the domains; the features hide it."),
    ),
    Family(
        "predictions",
        mark("Predictions"),
        mark("Nothing compares the domains; the unlabeled target gets clear predictions."),
    ),
    Family(
        "distillation",
        mark("Teachers"),
        mark("The network follows a teacher: another network, or a copy of itself."),
    ),
    Family(
        "batchnorm",
        mark("BatchNorm"),
        mark("The target gets its own statistics or parameters in BatchNorm."),
    ),
    Family(
        "several",
        mark("Several at once"),
        mark("Several tasks or sources, a few target labels, or a target that lacks classes."),
    ),
    Family("", mark("Others"), mark("Methods that name no family.")),
)
