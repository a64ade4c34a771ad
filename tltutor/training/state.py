"""A moment of a run: all that decides the steps to come, and going on from it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from tltutor.networks import Network
    from tltutor.objectives import Objective

CPU = torch.device("cpu")


def check_alike(state: Mapping[str, Any], about: tuple[Any, ...]) -> None:
    """Raise a ValueError unless the state comes from a session that was built like this one."""
    if state["about"] != about:
        raise ValueError(
            f"a state must come from a session built alike, got one of {state['about']} for {about}:"
            " build the session with the same pair, network, objective, optimizer, batch size, steps and seed"
        )


def objective_state(objective: Objective) -> dict[str, Any]:
    """Return the objective's parameters and buffers, and its public attributes, such as settings and what `setup` kept."""
    public = {name: value for name, value in vars(objective).items() if not name.startswith("_")}
    return {"parameters": objective.state_dict(), "attributes": public}


def restore_objective(objective: Objective, state: Mapping[str, Any], device: torch.device) -> None:
    """Go on from `objective_state()` of an objective of the same class."""
    objective.load_state_dict(state["parameters"])
    for name, value in copied(state["attributes"], device).items():
        setattr(objective, name, value)


def twins(network: Network, objective: Objective) -> tuple[Network, Objective]:
    """Return copies of both, to try something out on; the objective's private attributes are no part of its state and are shared."""
    return copy.deepcopy((network, objective), _own(objective))


def twin(objective: Objective) -> Objective:
    """Return a copy of the objective alone, as `twins` does."""
    return copy.deepcopy(objective, _own(objective))


def _own(objective: Objective) -> dict[int, Any]:
    """Return what stands for each attribute in a copy, by the attribute's id, without those of torch."""
    of_torch = vars(nn.Module())
    own = {name: value for name, value in vars(objective).items() if name not in of_torch}
    return {id(v): v if name.startswith("_") else copied(v, None) for name, v in own.items()}


def copied(value: Any, device: torch.device | None = CPU) -> Any:
    """Copy a nested value, so that nothing else holds a part of it; its tensors go to the device, None: they stay where they are."""
    if isinstance(value, Tensor):
        return value.detach().to(device or value.device, copy=True)
    if isinstance(value, Mapping):
        return {name: copied(inner, device) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)([copied(inner, device) for inner in value])
    return copy.deepcopy(value)
