"""The flow at a look: what pulls at each part in the coming step, where the domains separate, what is true of each point.

It works on copies of network and objective, so that training goes on as if nobody had looked.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

from tltutor.events import Flow, PartKind, Pull
from tltutor.metrics import domain_separation, point_confidence, point_losses
from tltutor.networks.inference import evaluating
from tltutor.networks.seeding import own_stream
from tltutor.objectives.objective import Batch, Objective
from tltutor.training.checks import check_terms
from tltutor.training.examples import Minibatch
from tltutor.training.forward import Forward
from tltutor.training.options import BatchNormMode
from tltutor.training.regions import decision_fields
from tltutor.training.state import twin, twins

if TYPE_CHECKING:
    from tltutor.networks import Network
    from tltutor.training.session import Session

EXAMPLES = 16  # of each batch of the coming step that pull; more would make a look much longer
GROUPS: Mapping[PartKind, str] = {"stage": "body", "head": "head", "objective": "objective"}

Sides: TypeAlias = Sequence[tuple[Tensor, Tensor]]  # (features, logits) of source and target


@dataclass(eq=False)
class _Part:
    """A stage, the head, or a part of the objective: what its gradients are taken by, and those of "task" and "transfer", flat."""

    name: str
    kind: PartKind
    weights: list[Tensor]  # that train now
    outputs: list[Tensor] = field(default_factory=list)  # of this phase, if no weight trains
    gradients: dict[str, Tensor] = field(default_factory=dict)

    def add(self, pull: str, gradient: Tensor) -> None:
        known = self.gradients.get(pull)
        self.gradients[pull] = gradient if known is None else known + gradient

    def pull(self) -> Pull:
        norms = {name: float(torch.linalg.vector_norm(g)) for name, g in self.gradients.items()}
        task, transfer = norms.get("task", 0.0), norms.get("transfer", 0.0)
        cosine = math.nan
        if task > 0 and transfer > 0:  # neither is 0, and neither is NaN, as in a run that diverges
            product = self.gradients["task"] @ self.gradients["transfer"]
            cosine = float(product) / (task * transfer)
        return Pull(
            self.name, self.kind, bool(self.weights), task=task, transfer=transfer, cosine=cosine
        )


def measure_pulls(
    network: Network,
    objective: Objective,
    drawn: Minibatch,
    *,
    batchnorm: BatchNormMode,
    weight: float,
    progress: float,
) -> tuple[Pull, ...]:
    """Return the gradient norms of task and transfer at each stage, at the head, and at what the objective trains of its own.

    Task is the sum of the loss terms in `objective.task_terms`, transfer that of all others, each with the weight that it has
    in the loss. They are differentiated by the parameters of the part that train now, as one vector. Where nothing trains,
    as in a frozen stage, they are differentiated by the part's outputs for the minibatch, so that one still sees what arrives
    there; norms of both kinds do not compare. Frozen stages whose outputs are kept do not run: only the last of them has a
    pull. Behind a reversed gradient the sign and the factor lambda are those that the
    features feel; the discriminator's own gradient is not reversed.
    Phases: a term is taken from the first phase that has it, at the weights as they are now, and acts on those parts only that
    this phase trains. With one phase, `task + transfer` is the gradient of the coming step if `drawn` is its minibatch.
    weight: lambda after its schedule. progress: share of the run that is done. Nothing that is passed in changes; random
    numbers come from torch's global stream.
    """
    network, objective = twins(network, objective)
    parts = list(_parts(network.train(), objective))
    forward = Forward(network, objective.batches, batchnorm)
    known: set[str] = set()
    if (
        drawn.after
    ):  # kept stages do not run: what arrives at them arrives at the last one's outputs
        drawn = replace(
            drawn, early={name: h.detach().requires_grad_() for name, h in drawn.early.items()}
        )
    for phase in objective.phases_at(progress):
        for part in parts:
            part.outputs.clear()
        if drawn.after:
            parts[drawn.after - 1].outputs.extend(drawn.early.values())
        with torch.enable_grad():
            batch = forward.batch(drawn, phase, weight=weight, progress=progress)
            moved = [part for part in parts if GROUPS[part.kind] in phase.trains]
            variables = [part.weights or part.outputs.copy() for part in moved]
            terms = check_terms(objective, objective(batch))
        new = {name: term for name, term in terms.items() if name not in known}
        known |= new.keys()
        for pull, learns in (("task", True), ("transfer", False)):
            acting = [t for name, t in new.items() if (name in objective.task_terms) == learns]
            for part, gradient in zip(moved, _gradients(acting, variables), strict=False):
                part.add(pull, gradient)
    return tuple(part.pull() for part in parts)


def _parts(network: Network, objective: Objective) -> Iterator[_Part]:
    """List the stages, the head and what the objective trains of its own, in order."""
    for name, stage in network.stages.items():
        yield _part(name, "stage", stage)
    yield _part("head", "head", network.head)
    for name, child in objective.named_children():
        if weights := _training(child.parameters()):
            yield _Part(name, "objective", weights)
    for name, p in objective.named_parameters(recurse=False):
        if p.requires_grad:
            yield _Part(name, "objective", [p])


def _training(parameters: Iterable[Tensor]) -> list[Tensor]:
    return [p for p in parameters if p.requires_grad]


def _part(name: str, kind: PartKind, module: nn.Module) -> _Part:
    part = _Part(name, kind, _training(module.parameters()))

    def keep(_module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        h = output if output.requires_grad else output.detach().requires_grad_()
        part.outputs.append(h)
        return h.clone()  # the next layer may work in place

    if not part.weights:
        module.register_forward_hook(keep)
    return part


def _gradients(terms: Sequence[Tensor], variables: Sequence[Sequence[Tensor]]) -> Iterator[Tensor]:
    """Yield the gradient of the sum of the terms by each group of variables, flat; nothing if no term has a gradient."""
    moving = [term for term in terms if term.requires_grad]
    flat = [x for group in variables for x in group]
    if not moving or not flat:
        return
    loss = torch.stack(moving).sum()
    found = iter(torch.autograd.grad(loss, flat, retain_graph=True, materialize_grads=True))
    nothing = loss.new_zeros(0)
    for group in variables:
        # detached: torch before 2.10 lets the zeros that it materializes require a gradient
        yield torch.cat([nothing, *(next(found).detach().flatten() for _ in group)])


def take_flow(
    session: Session,
    x: Tensor,
    stages: Mapping[str, Tensor],
    sides: Sides,
    *,
    outputs: Sides,
    folds: np.ndarray,
) -> Flow:
    """Return the flow at this look.

    x: the snapshot's points (n, ...), source first. stages: `channel_means` of each stage's output for them (n, d).
    sides: features and logits of the source's and of the target's; outputs: those of the examples in which they lie, the
    same but for regions. folds: of the domain probe (n,).
    """
    points = session.snapshot_points
    z = torch.cat([logits for _, logits in sides])
    return Flow(
        pulls=session.pulls(),
        separation=domain_separation(stages, points.is_target, folds=folds),
        confidence=point_confidence(z),
        losses=point_losses(z, points.labels),
        opinions=domain_opinions(session, x, outputs),
        fields=decision_fields(session, stages) if points.x.shape[1:] == (2,) else {},
    )


def domain_opinions(session: Session, x: Tensor, sides: Sides) -> np.ndarray | None:
    """Return P(target) (n,) of each snapshot point by the objective's discriminator, None without one.

    Points and discriminator are in evaluation mode; no label of the target is shown.
    """
    if type(session.objective).domain_opinion is Objective.domain_opinion:
        return None  # saves the copies
    batch = batch_of_points(session, x, sides)
    objective = twin(session.objective).eval()
    with evaluating(session.network), own_stream():
        opinions = objective.domain_opinion(batch)
    return None if opinions is None else opinions.float().cpu().numpy()


def batch_of_points(session: Session, x: Tensor, sides: Sides) -> Batch:
    """Return the snapshot's points x (n, ...) as one batch, without a label of the target. sides: features and logits of both."""
    points = session.snapshot_points
    source = torch.from_numpy(~points.is_target).to(x.device)
    ys = torch.from_numpy(points.labels[~points.is_target]).to(x.device)
    (fs, zs), (ft, zt) = sides
    return Batch(
        xs=x[source],
        ys=ys,
        xt=x[~source],
        fs=fs,
        ft=ft,
        zs=zs,
        zt=zt,
        weight=0.0,
        progress=session.progress,
        network=session.network,
        task=session.network.task,
    )
