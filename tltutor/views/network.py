"""The network as a strip: its stages from the input to the answer, what is frozen, and what pulls the two domains together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from traitlets import Bool, Bytes, Dict, Float, Int, List

from tltutor.views.channel import Channel
from tltutor.views.said import plain

if TYPE_CHECKING:
    from tltutor.events import Flow


class NetworkView(Channel):
    """The page draws it from plain values; a drag of the freeze handle goes to the controls as any slider's move does.

    stages: in their order, each {"name", "shape", "parameters", "batchnorm"}. about: what stands around them: "features"
    (their number), "classes" (how many), "branch" (how the method reaches the network, see `Objective.branch`), "term" (its
    loss term) and "owner" (whose BatchNorm statistics the target is judged with). frozen: how many stages do not train; a
    drag of the handle sets it ahead, and the page has no handle where freeze depth is hidden.
    losses: the last values by term. weight: lambda as it acts. acts: whether the transfer term can move the network.
    flow: gradients and domain separation by stage at the last look; empty until there was one. fields: for 2-D inputs, which
    class each place of the plane is nearest to in each stage.
    """

    stages: List[Any] = List().tag(sync=True)
    about = Dict().tag(sync=True)
    frozen = Int(0).tag(sync=True)
    losses = Dict().tag(sync=True)
    weight = Float(0.0).tag(sync=True)
    acts = Bool(True).tag(sync=True)
    flow = Dict().tag(sync=True)
    fields = Bytes().tag(sync=True)  # int16 (stages, g, g), first row at the bottom; or empty

    def show(
        self, stages: Sequence[Mapping[str, Any]], about: Mapping[str, Any], frozen: int
    ) -> None:
        """Show another network, of which nothing is measured yet."""
        with self.hold_sync():
            self.stages, self.about = [dict(stage) for stage in stages], dict(about)
            self.frozen, self.losses, self.flow, self.fields = frozen, {}, {}, b""

    def show_flow(self, flow: Flow | None) -> None:
        """Show what was measured at each stage; None where nothing was."""
        stages = flow_rows(flow)
        self.flow = {"stages": stages} if stages else {}

    def show_fields(self, grids: Sequence[np.ndarray]) -> None:
        """Show which class each place of the plane is nearest to: a grid (g, g) a stage; none where it is not known."""
        self.fields = np.asarray(grids, "<i2").tobytes() if grids else b""

    def show_inside(self, row: int, outputs: Sequence[np.ndarray]) -> None:
        """Show each stage's output for this point of the map: images (k, h, w) uint8 a stage."""
        shapes = [list(images.shape) for images in outputs]
        data = b"".join(np.ascontiguousarray(images, np.uint8).tobytes() for images in outputs)
        self.say({"kind": "inside", "row": row, "shapes": shapes}, [data])

    def show_step(
        self, losses: Mapping[str, float], effective: Mapping[str, Any], *, acts: bool
    ) -> None:
        """Show what a step gave: its losses, lambda as it acted, and whether the transfer term can do anything."""
        with self.hold_sync():
            self.acts = acts
            self.losses = {name: plain(value) for name, value in losses.items()}
            self.weight = float(effective.get("weight", self.weight))


def flow_rows(flow: Flow | None) -> list[dict[str, float | None]]:
    """Return a flow's numbers at each stage, in their order: gradient norms, the cosine between both, how far domains lie apart."""
    if flow is None:
        return []
    return [
        {
            "task": plain(pull.task),
            "transfer": plain(pull.transfer),
            "cosine": plain(pull.cosine),
            "apart": plain(flow.separation.get(pull.part, math.nan)),
        }
        for pull in flow.pulls
        if pull.kind == "stage"
    ]
