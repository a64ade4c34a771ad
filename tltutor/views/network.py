"""The network as a strip: its stages from the input to the answer, what is frozen, and what pulls the two domains together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from traitlets import Bool, Dict, Float, Int, List

from tltutor.views.channel import Channel
from tltutor.views.said import plain


class NetworkView(Channel):
    """The page draws it from plain values; a drag of the freeze handle goes to the controls as any slider's move does.

    stages: in their order, each {"name", "shape", "parameters", "batchnorm"}. about: what stands around them: "features"
    (their number), "classes" (how many), "branch" (how the method reaches the network, see `Objective.branch`), "term" (its
    loss term) and "owner" (whose BatchNorm statistics the target is judged with). frozen: how many stages do not train.
    losses: the last values by term. weight: lambda as it acts. acts: whether the transfer term can move the network.
    flow: gradients and domain separation by stage at the last look; empty until there was one.
    """

    stages: List[Any] = List().tag(sync=True)
    about = Dict().tag(sync=True)
    frozen = Int(0).tag(sync=True)
    losses = Dict().tag(sync=True)
    weight = Float(0.0).tag(sync=True)
    acts = Bool(True).tag(sync=True)
    flow = Dict().tag(sync=True)

    def show(
        self, stages: Sequence[Mapping[str, Any]], about: Mapping[str, Any], frozen: int
    ) -> None:
        """Show another network, of which nothing is measured yet."""
        self.told = tuple(term for term in (str(about.get("term", "")),) if term)
        with self.hold_sync():
            self.stages, self.about = [dict(stage) for stage in stages], dict(about)
            self.frozen, self.losses, self.flow = frozen, {}, {}

    def show_flow(self, stages: Sequence[Mapping[str, Any]]) -> None:
        """Show what was measured at each stage, in their order: {"task", "transfer", "cosine", "apart"}, None for unknown."""
        self.flow = {"stages": [dict(stage) for stage in stages]} if stages else {}

    def show_step(
        self, losses: Mapping[str, float], effective: Mapping[str, Any], *, acts: bool
    ) -> None:
        """Show what a step gave: its losses, lambda as it acted, and whether the transfer term can do anything."""
        with self.hold_sync():
            self.acts = acts
            self.losses = {name: plain(value) for name, value in losses.items()}
            self.weight = float(effective.get("weight", self.weight))
