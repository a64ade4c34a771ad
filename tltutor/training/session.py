"""The one training loop: a session is an iterable of facts. It knows no thread and no screen; iterate over it to look on.

The last step's weights count: nothing is chosen by looking at target labels. The default learning rate falls as
lr / (1 + 10 p)^.75, with SGD and momentum .9 (Ganin et al., 2016, section 5.2.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from tltutor.checks import as_examples
from tltutor.events import Changed, Fact, Failed, Finished, Pull, Snapshot, Stepped
from tltutor.networks.activations import Activation, activation_of
from tltutor.networks.class_map import ClassMap, class_map
from tltutor.networks.inference import outputs, turn_of
from tltutor.networks.taps import tapped
from tltutor.networks.word_weights import WordWeights, word_weights
from tltutor.settings import check_name
from tltutor.training.by_hand import ByHand
from tltutor.training.changes import Changes
from tltutor.training.checks import (
    check_arguments,
    check_augment,
    check_fit,
    check_gradient,
    check_order,
    check_takes_boxes,
    check_terms,
)
from tltutor.training.errors import diverged, finished, remedies
from tltutor.training.examples import Examples, to_device
from tltutor.training.flow import EXAMPLES, measure_pulls
from tltutor.training.forward import Forward
from tltutor.training.optimizer import Updater, UpdateRule, transfer_acts
from tltutor.training.options import (
    Augmentation,
    BatchNormMode,
    OptimizerName,
    Precision,
    ScheduleName,
    TargetOrder,
    check_options,
    live_settings,
)
from tltutor.training.outline import outline
from tltutor.training.prefix import Begun, Prefix, is_worth_it
from tltutor.training.randomness import OwnRandomness
from tltutor.training.snapshot import choose_points, evaluation_domains, take_snapshot
from tltutor.training.state import check_alike, copied, objective_state, restore_objective

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network
    from tltutor.objectives import Batch, Objective, Phase


class Session:
    """Trains `network` (in place) on `pair` under `objective`; live settings may change between steps.

    weight: lambda; None for the objective's own default. freeze_depth: number of stages, from the input, that stay frozen.
    lr: learning rate. None for either, and for optimizer, schedule, warmup and gradient_clip, is the network's own default
    (`Network.defaults`): all stages frozen and .001 for a network whose weights were given, nothing frozen and .01 for most
    others, and SGD for all but BERT. steps, batch_size (of each domain), optimizer, schedule, warmup, momentum,
    weight_decay, gradient_clip: see `tltutor.training.options`. batchnorm: see `tltutor.training.forward`; an objective that
    hangs on a mode keeps its own (source-only: "source"). target_order: "shuffled", or "by-class", as a stream in which one
    class comes after another; true labels sort it, and nothing else sees them. augment: views of the images that are trained
    on: "flip", "crop", "color", "all" or "none" (`tltutor.training.augment`). precision: "float32", or "bf16" for the stages in
    a training step (`tltutor.training.forward`). device: "auto", "cpu", "cuda" or "mps".
    snapshot_every: steps between the snapshots that iterating yields, None for none; snapshot_size: points on the map.
    keep_frozen: whether frozen stages make their outputs once for each example (`tltutor.training.prefix`); None: for texts
    of tokens, and for images of 64 x 64 or more where none are augmented. changes: made at their steps, such as the log of
    another run. The same seed and the same changes give the same numbers on the CPU.
    Set `session.flow = True` and each snapshot carries a `tltutor.events.Flow`; set `session.judging = True` and its numbers
    hold what the label-free judges say of its points, as "judge NAME" (`tltutor.training.judging`).
    Errors: TypeError and ValueError for arguments that do not fit, with the remedy.
    """

    def __init__(
        self,
        pair: DomainPair,
        network: Network,
        objective: Objective,
        *,
        weight: float | None = None,
        freeze_depth: int | None = None,
        steps: int = 1000,
        batch_size: int = 64,
        lr: float | None = None,
        optimizer: OptimizerName | None = None,
        schedule: ScheduleName | None = None,
        warmup: float | None = None,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        gradient_clip: float | None = None,
        batchnorm: BatchNormMode = "separate",
        target_order: TargetOrder = "shuffled",
        augment: Augmentation = "none",
        precision: Precision = "float32",
        device: str = "auto",
        seed: int = 0,
        snapshot_every: int | None = None,
        snapshot_size: int = 400,
        keep_frozen: bool | None = None,
        changes: Iterable[Changed] = (),
    ) -> None:
        check_arguments(pair, network, objective)
        run = check_options(
            {
                "steps": steps,
                "batch_size": batch_size,
                "batchnorm": batchnorm,
                "target_order": target_order,
                "augment": augment,
                "precision": precision,
                "snapshot_size": snapshot_size,
            }
        )
        begins = network.defaults
        rule = UpdateRule(
            begins.optimizer if optimizer is None else optimizer,
            begins.schedule if schedule is None else schedule,
            begins.warmup if warmup is None else warmup,
            momentum,
            weight_decay,
            begins.gradient_clip if gradient_clip is None else gradient_clip,
        )
        self.device = find_device(device)
        self.pair, self.objective, self.seed = _with_labels(pair, objective, seed), objective, seed
        check_fit(pair, network)
        check_takes_boxes(pair, objective)
        check_order(pair, target_order)
        check_augment(pair, augment, keep_frozen)
        self.network = network.to(self.device).to(memory_format=torch.channels_last)
        self.steps: int = run["steps"]
        self.batch_size: int = run["batch_size"]
        self.batchnorm: BatchNormMode = objective.batchnorm or run["batchnorm"]
        self.target_order: TargetOrder = run["target_order"]
        self.augment: Augmentation = run["augment"]
        self.precision: Precision = run["precision"]
        self.settings = live_settings(objective, network)
        self.snapshot_every, self.step_number = snapshot_every, 0
        self.flow = self.judging = False
        self.error: FloatingPointError | None = None
        given = {"weight": weight, "freeze_depth": freeze_depth, "lr": lr}
        self._changes = self._follow_settings(given, changes)
        self._pending: list[tuple[int, dict[str, float], tuple[str, ...], Tensor]] = []
        self._report_every = (
            1 if self.device.type == "cpu" else 20
        )  # a GPU hands over its numbers in batches
        self._prepare(rule, run["snapshot_size"], keep_frozen)

    def _follow_settings(self, given: dict[str, Any], changes: Iterable[Changed]) -> Changes:
        """Start the live settings' values, at their defaults where None is given; lambda may be set also where it does nothing."""
        settings = {s.name: s for s in (self.objective.weight, *self.settings)}
        defaults = {name: setting.default for name, setting in settings.items()}
        own = {
            s.name: getattr(self.objective, s.name)
            for s in self.settings
            if s in self.objective.settings
        }
        chosen = {name: value for name, value in given.items() if value is not None}
        return Changes(settings.values(), {**defaults, **own, **chosen}, changes)

    def _prepare(self, rule: UpdateRule, snapshot_size: int, keep_frozen: bool | None) -> None:
        """Put the examples on the device, once, and build what the objective and the optimizer need."""
        *order_seeds, chance_seed = np.random.SeedSequence(self.seed).generate_state(4).tolist()
        self._forward = Forward(
            self.network, self.objective.batches, self.batchnorm, self.precision
        )
        seeds = dict(zip(("source", "target", "labeled"), order_seeds, strict=True))
        self._examples = Examples(
            self.pair,
            self._forward.batches,
            self.batch_size,
            seeds=seeds,
            device=self.device,
            target_order=self.target_order,
            augment=self.augment,
        )
        self.snapshot_points = choose_points(self.pair, snapshot_size, self.seed)
        self._snapshot_x = to_device(self.snapshot_points.x, self.device)
        target = torch.from_numpy(self.snapshot_points.is_target).to(self.device)
        seen = {"look source": self._snapshot_x[~target], "look target": self._snapshot_x[target]}
        self._examples.prefix = self.prefix = Prefix(
            self.network,
            {**self._examples.x, **seen},
            lambda part: self._forward.statistics_of(part.removeprefix("look ")),
            enabled=self.augment == "none" and is_worth_it(self.pair.shape, self.pair.kind)
            if keep_frozen is None
            else keep_frozen,
        )
        self.objective.setup(
            self.network, self.pair.blind(), torch.Generator().manual_seed(chance_seed)
        )
        self.objective.to(self.device)
        self._random = OwnRandomness(chance_seed + 1, self.device)
        self._updater = Updater(self.network, self.objective, rule, self.values["lr"])
        self._updater.freeze(self.values["freeze_depth"])

    # --- settings

    @property
    def values(self) -> dict[str, Any]:
        """The live settings' values as they are now, lambda before its schedule among them."""
        return self._changes.values

    @property
    def changes(self) -> tuple[Changed, ...]:
        """All changes that took effect so far: `Session(..., changes=session.changes)` repeats the run."""
        return self._changes.log

    @property
    def rule(self) -> UpdateRule:
        """The optimizer's name and numbers, and the learning rate's schedule."""
        return self._updater.rule

    @property
    def optimizer(self) -> torch.optim.Optimizer:
        """The optimizer; its groups hold exactly what trains now."""
        return self._updater.optimizer

    @property
    def transfer_acts(self) -> bool:
        """Whether the transfer term can move the network now; where it cannot, lambda changes no prediction.

        False if nothing that trains lies before the features (all of those stages are frozen) and the term acts on nothing
        else; an objective that acts on the predictions moves the head even then. False also for one without such a term.
        """
        return transfer_acts(self.objective, self.network)

    @property
    def outline(self) -> dict[str, Any]:
        """The network's stages and what the method puts around them, as plain values: what a picture of it needs."""
        return outline(self)

    def set(self, **values: Any) -> None:
        """Change live settings: checked now, in effect from the next step on. Errors: ValueError, TypeError."""
        self._changes.queue(values)

    def _apply_changes(self) -> tuple[Changed, ...]:
        changed = self._changes.take(self.step_number + 1, self._scheduled())
        own = {setting.name for setting in self.objective.settings}
        for change in changed:
            if change.name in own:
                setattr(self.objective, change.name, change.new)
        if any(change.name in own | {"freeze_depth"} for change in changed):
            self._updater.freeze(
                self.values["freeze_depth"]
            )  # what a method trains may depend on its settings
        return changed

    def _scheduled(self) -> dict[str, Any]:
        """Return the values that the method's own schedule has for the coming step, where they differ from the last step's."""
        new = self.objective.setting_schedule(self.progress, self.network)
        last = (self.step_number - 1) / self.steps
        old = self.objective.setting_schedule(last, self.network) if self.step_number else {}
        return {name: value for name, value in new.items() if name not in old or old[name] != value}

    # --- training

    @property
    def progress(self) -> float:
        """Share of the run that is done, 0..1."""
        return min(self.step_number / self.steps, 1.0)

    @property
    def done(self) -> bool:
        """Whether there is nothing left to train."""
        return self.step_number >= self.steps or self.error is not None

    def step(self) -> tuple[Fact, ...]:
        """Train one step and return the facts that are ready: changes, then steps (on a GPU these come in batches).

        Errors: FloatingPointError after a step whose loss was not finite, RuntimeError after the last step.
        """
        if self.error is not None:
            raise self.error
        if self.done:
            raise finished(self.steps)
        with turn_of(self.network):
            facts: tuple[Fact, ...] = self._apply_changes()
            effective = self._effective()
            self._updater.set_lr(effective["lr"])
            with self._random.here(), remedies(self.batch_size):
                terms = self._train(effective["weight"])
        self.step_number += 1
        losses = torch.stack([term.detach() for term in terms.values()])
        self._pending.append((self.step_number, effective, tuple(terms), losses))
        due = len(self._pending) >= self._report_every or self.done
        return facts + (self.flush() if due else ())

    def by_hand(self) -> ByHand:
        """Return what the coming step is made of: changes made, rates set, minibatch drawn, nothing trained.

        Whoever calls it takes the step, as `_train` and `Updater.step` do; the session does not count it.
        """
        self._apply_changes()
        effective = self._effective()
        self._updater.set_lr(effective["lr"])
        self.network.train()
        drawn = self._examples.next()
        nothing = torch.empty(0, device=self.device)
        return ByHand(
            number=self.step_number + 1,
            network=self.network,
            objective=self.objective,
            optimizer=self.optimizer,
            xs=drawn.x.get("source", nothing),
            ys=drawn.y.get("source", nothing),
            xt=drawn.x.get("target", nothing),
            xl=drawn.x.get("labeled", nothing),
            yl=drawn.y.get("labeled", nothing),
            weight=effective["weight"],
            batchnorm=self.batchnorm,
        )

    @property
    def weight(self) -> float:
        """Lambda as it acts in the coming step, after the objective's schedule."""
        return self._effective()["weight"]

    def _effective(self) -> dict[str, float]:
        """Return lambda and the learning rate as they act in the coming step, after their schedules."""
        weight = self.values["weight"] * self.objective.schedule(self.progress)
        return {"weight": weight, "lr": self.values["lr"] * self.rule.lr_factor(self.progress)}

    def _train(self, weight: float) -> dict[str, Tensor]:
        """Run the objective's phases, all on one minibatch; return each loss term as it was last."""
        self.network.train()
        drawn = self._examples.next(self.objective.target_domain(self.progress))
        terms: dict[str, Tensor] = {}
        for phase in self.objective.phases_at(self.progress):
            batch: Batch | None = None
            for _ in range(phase.repeat):
                batch = batch or self._forward.batch(
                    drawn, phase, weight=weight, progress=self.progress
                )
                new = check_terms(self.objective, self.objective(batch))
                batch = (
                    None if phase.moves_network else batch
                )  # backward frees each stage's output as it goes
                self._descend(new, phase)
                terms |= new
        return terms

    def _descend(self, terms: dict[str, Tensor], phase: Phase) -> None:
        """Take one step down the gradient of the terms' sum, for the parts that the phase trains.

        Lambda is in the terms already: each objective multiplies its own by `batch.weight`.
        """
        loss = torch.stack(list(terms.values())).sum()
        if self.step_number == 0:
            check_gradient(self.objective, terms, self._updater.training(phase.trains))
        if self.device.type == "cpu" and not loss.isfinite():
            return  # the weights stay as they were; flush reports the error
        if loss.requires_grad:  # else all that the objective trains is frozen
            self._updater.step(loss, phase.trains)

    def flush(self) -> tuple[Fact, ...]:
        """Return the steps that were trained but not yet reported; a step that diverged ends the run with Failed."""
        pending, self._pending = self._pending, []
        numbers = iter(torch.cat([losses for *_, losses in pending]).tolist() if pending else [])
        facts: list[Fact] = []
        for step, effective, names, _ in pending:
            losses = {name: next(numbers) for name in names}
            if not np.isfinite(list(losses.values())).all():
                reach = self._examples.largest_feature()
                self.error = diverged(
                    step, losses, effective, weighted=self.objective.weighted, largest_feature=reach
                )
                return (*facts, Failed(step, str(self.error)))
            facts.append(Stepped(step, losses, effective))
        if pending and self.done:
            facts.append(Finished(self.step_number))
        return tuple(facts)

    def __iter__(self) -> Iterator[Fact]:
        """Train to the end; a run that diverged yields Failed and then raises its error."""
        while not self.done:
            yield from self.step()
            if (
                self.snapshot_every
                and self.step_number % self.snapshot_every == 0
                and self.error is None
            ):
                yield self.snapshot()
        if self.error is not None:
            raise self.error

    # --- going on from a moment

    def state(self) -> dict[str, Any]:
        """Return all that decides the steps to come, as plain values and tensors on the CPU; unreported steps stay here.

        A run that failed has no such moment: its error is raised.
        """
        if self.error is not None:
            raise self.error
        held = {
            "about": self._about,
            "step": self.step_number,
            "changes": self._changes.state(),
            "network": self.network.state_dict(),
            "objective": objective_state(self.objective),
            "optimizer": self._updater.state(),
            "examples": self._examples.state(),
            "random": self._random.state(),
        }
        state: dict[str, Any] = copied(held)
        return state

    def restore(self, state: Mapping[str, Any], changes: Iterable[Changed] | None = None) -> None:
        """Go on from `state()` of a session built alike; `changes`, if given, replace those that were still to come there.

        Errors: ValueError for the state of another kind of session.
        """
        check_alike(state, self._about)
        self.step_number, self.error, self._pending = state["step"], None, []
        self._changes.restore(copied(state["changes"]), changes)
        self.network.load_state_dict(state["network"])
        restore_objective(self.objective, state["objective"], self.device)
        self._updater.restore(state["optimizer"], self.values["freeze_depth"])
        self._examples.restore(state["examples"])
        self._random.restore(state["random"])

    @property
    def _about(self) -> tuple[Any, ...]:
        """What two sessions must have in common to go on from one another's states."""
        built = (
            self.pair.name,
            self.network.name,
            self.network.depth,
            self.objective.name,
            self.rule.optimizer,
        )
        return (*built, self.batch_size, self.steps, self.seed)

    # --- looking at the network; changes nothing

    def snapshot(self, *, flow: bool | None = None) -> Snapshot:
        """Return the network's view of the map's points, with accuracies and feature-space numbers of just these points.

        flow: measure what pulls where, too; None: if `session.flow` is set.
        """
        with turn_of(self.network):
            return take_snapshot(self, self._snapshot_x, flow=self.flow if flow is None else flow)

    def pulls(self) -> tuple[Pull, ...]:
        """Return how strongly task and transfer pull at each part of the network and the objective in the coming step.

        Measured by `tltutor.training.flow.measure_pulls` on the first `EXAMPLES` (16) of its minibatch.
        """
        with turn_of(self.network), self._random.ahead(), remedies(self.batch_size):
            return measure_pulls(
                self.network,
                self.objective,
                self._examples.peek(self.objective.target_domain(self.progress)).first(EXAMPLES),
                batchnorm=self.batchnorm,
                weight=self._effective()["weight"],
                progress=self.progress,
            )

    def activations(self, row: int) -> tuple[Activation, ...]:
        """Return each stage's output for one point of the map as small images, in the order of the stages.

        row: the point's row in the snapshots. Call it between two steps, as from `player.post`. Errors: IndexError.
        """
        n = len(self.snapshot_points.labels)
        if not 0 <= row < n:
            raise IndexError(f"row must be between 0 and {n - 1}, got {row}: take a snapshot's row")
        side = "target" if self.snapshot_points.is_target[row] else "source"
        with turn_of(self.network), tapped(self.network, lambda h: h[0]) as stages:
            self.outputs(self._snapshot_x[row : row + 1], side)
        return tuple(activation_of(name, h) for name, (h,) in stages.items())

    def class_map(self, row: int) -> ClassMap | None:
        """Return where the image of a point of the map speaks for the network's answer; None where that is not known.

        row: the point's row in the snapshots. Call it between two steps, as from `player.post`.
        """
        points = self.snapshot_points
        statistics = self._forward.statistics_of("target" if points.is_target[row] else "source")
        x, boxes = self._snapshot_x[row : row + 1], points.boxes[row : row + 1]

        def logits_of(f: Tensor, z: Tensor) -> Tensor:
            return self.network.task.at_points(f, z, boxes)[1]

        return class_map(self.network, x, statistics, logits_of=logits_of)

    def word_weights(self, row: int) -> WordWeights | None:
        """Return which words of the text of a point of the map speak for the network's answer; None without tokens and texts.

        row: the point's row in the snapshots. Call it between two steps, as from `player.post`.
        """
        points = self.snapshot_points
        if points.spans is None:
            return None
        statistics = self._forward.statistics_of("target" if points.is_target[row] else "source")
        x = self._snapshot_x[row : row + 1]
        return word_weights(self.network, x, points.spans[row], statistics)

    def evaluate(self) -> dict[str, float]:
        """Return the score, such as the accuracy, on all held-out examples of each labeled domain.

        Where a domain holds nothing out, its training examples are judged.
        """
        task, scores = self.network.task, {}
        for side, domain in zip(("source", "target"), evaluation_domains(self.pair), strict=True):
            if domain.y is not None:
                scores[f"{side}_{task.score_name}"] = task.score(
                    task.predict(self.outputs(domain.x, side)[1]), domain.y
                )
        return scores

    def predict(self, x: np.ndarray, domain: str = "target") -> np.ndarray:
        """Return the predicted classes (n,) int64 of new examples x (n, ...) of this domain; n may be 0.

        Errors: TypeError and ValueError for examples that the network was not trained on: other shapes, scales, NaN.
        """
        return self.network.task.predict(
            self.outputs(as_examples(x, what="examples", like=self.pair.form), domain)[1]
        )

    def outputs(
        self, x: np.ndarray | Tensor, domain: str, *, after: int = 0
    ) -> tuple[Tensor, Tensor]:
        """Return features (n, d) and logits (n, k) of examples x (n, ...), judged with this domain's BatchNorm statistics.

        after: x is what the first so many stages make of the examples.
        """
        side = check_name(domain, ("source", "target"), what="domain")
        return outputs(self.network, x, self._forward.statistics_of(side), after=after)

    @property
    def seconds_once(self) -> float:
        """Seconds spent so far on what is kept: frozen stages' outputs, which no later step or look pays for again."""
        return self.prefix.seconds

    def begun(self, side: str) -> Begun:
        """Return the map's points of this domain as they enter the first stage that is not kept, or the first of all."""
        return self.prefix.begun(f"look {side}")


def find_device(name: str) -> torch.device:
    """Return the device of this name; "auto" is CUDA, then Apple's MPS, then the CPU. Errors: ValueError without a GPU."""
    if name == "auto":
        name = (
            "cuda"
            if torch.cuda.is_available()
            else "mps"
            if torch.backends.mps.is_available()
            else "cpu"
        )
    device = torch.device(name)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ValueError(
            f"device {name!r} needs a CUDA GPU that torch can use, and there is none: use device='auto' or 'cpu'"
        )
    return device


def _with_labels(pair: DomainPair, objective: Objective, seed: int) -> DomainPair:
    """Draw labeled target examples where the objective uses some and the pair has none."""
    if "labeled" in objective.batches and pair.target_labeled is None:
        return pair.with_target_labels(objective.labels_per_class, seed)
    return pair
