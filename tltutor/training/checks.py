"""What a learner passes in and what a learner's objective gives back, checked at the first use: rule, value, remedy."""

from __future__ import annotations

import inspect
from collections.abc import Collection
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tltutor.checks import listed
from tltutor.domains import DomainPair, pair_names
from tltutor.networks import Network, network_names
from tltutor.networks.inputs import TokenInputs
from tltutor.objectives import OBJECTIVES, Objective, find_objective, objective_names

EXAMPLE = "such as {'task': loss}"


def check_arguments(pair: Any, network: Any, objective: Any) -> None:
    """Raise a TypeError unless these are a DomainPair, a Network and an Objective, each an object and not its name or class."""
    if not isinstance(pair, DomainPair):
        known = isinstance(pair, str) and pair in pair_names()
        remedy = (
            f"use tl.load_pair({pair!r})"
            if known
            else "use tl.load_pair(name), or tl.DomainPair(source, target)"
        )
        raise TypeError(f"pair must be a DomainPair, got {_described(pair)}: {remedy}")
    if not isinstance(network, Network):
        name = network if isinstance(network, str) and network in network_names() else "mlp"
        raise TypeError(
            f"network must be a Network, got {_described(network)}: use tl.build_network({name!r}, pair)"
        )
    if not isinstance(objective, Objective):
        raise TypeError(
            f"objective must be an objective such as tl.objectives.DANN(), got {_described(objective)}: {_built(objective)}"
        )
    cls = type(objective).__name__
    if "_modules" not in vars(objective):
        raise TypeError(
            f"{cls}.__init__ must begin with super().__init__(), and it does not: add that line"
        )
    if not isinstance(getattr(objective, "name", None), str):
        raise TypeError(
            f"{cls} must declare its name, got none: add the line name = {cls.lower()!r} to the class"
        )


def _built(objective: Any) -> str:
    """Say how to make an objective of what was given for one."""
    if inspect.isclass(objective) and issubclass(objective, Objective):
        return f"add brackets, {objective.__name__}()"
    if isinstance(objective, str) and objective in objective_names():
        return f"use tl.objectives.{find_objective(objective).__name__}()"
    return (
        "use tl.objectives.build_objective(name), or an instance of your own subclass of Objective"
    )


def _described(value: Any) -> str:
    if inspect.isclass(value):
        return f"the class {value.__name__}"
    return f"the string {value!r}" if isinstance(value, str) else f"a {type(value).__name__}"


def check_terms(objective: Objective, terms: Any) -> dict[str, Tensor]:
    """Return the loss terms of `objective.forward`, or raise a TypeError or ValueError unless they are one number a name."""
    where = f"{type(objective).__name__}.forward"
    if not isinstance(terms, dict) or not terms:
        got = (
            "nothing (None)"
            if terms is None
            else "an empty dict"
            if terms == {}
            else f"a {type(terms).__name__}"
        )
        raise TypeError(
            f"{where} must return loss terms by name, {EXAMPLE}, got {got}: end it with return {EXAMPLE[8:]}"
        )
    for name, term in terms.items():
        if not isinstance(name, str):
            raise TypeError(
                f"{where} must return loss terms by name, {EXAMPLE}, got the name {name!r}: use a string"
            )
        if not isinstance(term, Tensor):
            raise TypeError(
                f"{where} must return tensors, got a {type(term).__name__} for {name!r}:"
                " return the tensor itself, without .item(), .tolist() or .numpy()"
            )
        if term.ndim:
            raise ValueError(
                f"{where} must return one number a term, got shape {tuple(term.shape)} for {name!r}: take its .mean()"
            )
    return terms


def check_gradient(
    objective: Objective, terms: dict[str, Tensor], training: Collection[Tensor]
) -> None:
    """Raise a ValueError if something trains and no term has a gradient: the run would move nothing, without a word."""
    if training and not any(term.requires_grad for term in terms.values()):
        names = " and ".join(map(repr, terms)) + (" have" if len(terms) > 1 else " has")
        raise ValueError(
            f"{type(objective).__name__}.forward must return a loss that can be differentiated, got one from which nothing would"
            f" train: {names} no gradient: do not detach it, and do not compute it under torch.no_grad()"
        )


def check_fit(pair: DomainPair, network: Network) -> None:
    """Raise a ValueError unless the network's outputs are the pair's classes, in their order.

    The default names "0", "1", … say nothing: where one side has them, the number of classes decides.
    """
    if pair.has_boxes != (network.task.name == "detection"):
        labels = ("one class an example", "boxes")[pair.has_boxes]
        name = "tiny-detector" if pair.has_boxes else "lenet" if pair.source.is_image else "mlp"
        raise ValueError(
            f"the network must be made for the pair's labels, got {network.name!r} for {labels}:"
            f" use tl.build_network({name!r}, pair)"
        )
    own, wanted = network.class_names, pair.class_names
    remedy = "use network.with_head(pair.class_names) for a new head"
    if len(own) != len(wanted):
        raise ValueError(
            f"the network's head must have one output a class, got {len(own)} outputs and {len(wanted)} classes: {remedy}"
        )
    if own != wanted and not (_by_default(own) or _by_default(wanted)):
        raise ValueError(
            f"network and pair must name the same classes in the same order, the network's head knows {list(own)} and the"
            f" pair names {list(wanted)}: give both the same class_names, or {remedy}"
        )
    if isinstance(network.inputs, TokenInputs):
        _check_tokens(pair, network.inputs)


def _check_tokens(pair: DomainPair, inputs: TokenInputs) -> None:
    """Raise a ValueError for ids that the network does not know, and for padding that it would take for tokens."""
    for domain in pair.domains():
        inputs.check_ids(torch.from_numpy(domain.x.copy()))
        mask = np.ones_like(domain.x, bool) if domain.mask is None else domain.mask
        wrong = (domain.x == inputs.PADDING) == mask
        if wrong.any():
            row, place = np.argwhere(wrong)[0]
            raise ValueError(
                f"padding, and nothing else, must have the id {inputs.PADDING} for this network, got {domain.x[row, place]} where the"
                f" mask is {mask[row, place]} in text {row} of {domain.name!r}: give np.where(mask, ids, {inputs.PADDING}) and"
                f" mask=ids != {inputs.PADDING}"
            )


def check_takes_boxes(pair: DomainPair, objective: Objective) -> None:
    """Raise a ValueError for boxes and a method whose terms are made of one class an example."""
    if pair.has_boxes and not objective.takes_boxes:
        able = [name for name, known in OBJECTIVES.items() if known.takes_boxes]
        raise ValueError(
            f"the method must work on boxes, which the pair {pair.name!r} has, got {objective.name!r}, which is made for one"
            f" class an example: use one of {listed(able)}"
        )


def check_order(pair: DomainPair, target_order: str) -> None:
    """Raise a ValueError if the target is to come class after class and has no labels to sort it by."""
    if target_order == "by-class" and pair.target.y is None:
        raise ValueError(
            "target_order 'by-class' sorts the target by its labels, got a target without labels: use target_order='shuffled'"
        )


def check_augment(pair: DomainPair, augment: str, keep_frozen: bool | None) -> None:
    """Raise a ValueError if views are to be drawn of what is no image, or of images that frozen stages are to see once."""
    if augment != "none" and len(pair.shape) != 3:
        raise ValueError(
            f"augment={augment!r} draws views of images, got examples of shape {pair.shape}: use augment='none'"
        )
    if augment != "none" and keep_frozen:
        raise ValueError(
            f"augment={augment!r} shows each image in other views, and keep_frozen=True computes it once: leave one of them out"
        )


def _by_default(names: tuple[str, ...]) -> bool:
    return names == tuple(map(str, range(len(names))))
