"""The one training loop: a session is an iterable of facts. It knows no thread and no screen; whoever wants to look, iterates.

Defaults: SGD with momentum .9 and the learning rate lr / (1 + 10 p)^.75 (Ganin et al., 2016, section 5.2.2), no weight decay;
BatchNorm "separate": one forward for each domain, each with its own statistics, also when evaluated. "joint": one forward
over both, shared statistics. The last step's weights count: nothing is chosen by looking at target labels.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from tltutor.evaluation import choose_points, decision_regions, evaluation_domains, outputs
from tltutor.events import Changed, Fact, Failed, Finished, Regions, Snapshot, Stepped
from tltutor.metrics import accuracy, feature_numbers
from tltutor.objectives.objective import Batch, Labeled, Phase
from tltutor.randomness import OwnRandomness, Shuffled
from tltutor.settings import Setting, check_name

if TYPE_CHECKING:
    from tltutor.domains import Domain, DomainPair
    from tltutor.networks import Network
    from tltutor.objectives import Objective

STEPS = Setting("steps", 1000, 1, 1_000_000, "int", live=False, text="How many training steps the run has.")
BATCH_SIZE = Setting("batch_size", 64, 2, 4096, "int", live=False, text="Examples of each domain in a step.")
LR = Setting("lr", 0.01, 0.0, 1.0, "log", symbol="η", text="Learning rate at the start; it falls as lr / (1 + 10 p)^.75.")
FREEZE_DEPTH = Setting("freeze_depth", 0, 0, 0, "int", unit="stages", text="The first so many stages of the network do not train.")
SNAPSHOT_SIZE = Setting("snapshot_size", 400, 4, 20_000, "int", live=False, text="Points on the map, half of them source.")
OF_THE_METHOD = frozenset({"weight", "freeze_depth", "snapshot_every", "plan"})  # options that its lead-in does not share
BATCHNORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
Pair = tuple[Tensor, Tensor]  # features (n, d), logits (n, k)
Seen = tuple[Tensor, Tensor, dict[str, Tensor]]  # features, logits, each stage's output


class Session:
    """Trains `network` (in place) on `pair` under `objective`; settings may change between steps.

    weight: lambda, the objective's own default if None. freeze_depth: the first so many stages do not train.
    snapshot_every: a headless run looks after every so many steps; None never. plan: changes to be made at their steps, for
    instance the log of another run. Same seed and same changes give the same numbers on the CPU.
    """

    def __init__(
        self,
        pair: DomainPair,
        network: Network,
        objective: Objective,
        *,
        weight: float | None = None,
        freeze_depth: int = 0,
        steps: int = 1000,
        batch_size: int = 64,
        lr: float = 0.01,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        batchnorm: Literal["separate", "joint"] = "separate",
        device: str = "auto",
        seed: int = 0,
        snapshot_every: int | None = None,
        snapshot_size: int = 400,
        plan: Iterable[Changed] = (),
    ) -> None:
        self.device = find_device(device)
        self.objective, self.seed, self.snapshot_every = objective, seed, snapshot_every
        self.steps: int = STEPS.check(steps)
        self.batch_size: int = BATCH_SIZE.check(batch_size)
        self.batchnorm = check_name(batchnorm, ("separate", "joint"), what="batchnorm")
        self.settings = live_settings(objective, network)
        start = {s.name: getattr(objective, s.name) for s in self.settings if s in objective.settings}
        start |= {
            "weight": objective.weight.default if weight is None else weight,
            "freeze_depth": freeze_depth,
            "lr": lr,
        }
        self.values: dict[str, Any] = {s.name: s.check(start[s.name]) for s in (objective.weight, *self.settings)}
        self.step_number = 0
        self.error: FloatingPointError | None = None
        self.changes: tuple[Changed, ...] = ()
        self._queued: dict[str, Any] = {}
        self._plan = self._planned(plan)
        self._pending: list[tuple[int, dict[str, float], tuple[str, ...], Tensor]] = []
        self._report_every = 1 if self.device.type == "cpu" else 20  # a GPU hands over its numbers in batches
        self.pair = _fit_pair(pair, network, objective, seed)
        self.network = network.to(self.device).to(memory_format=torch.channels_last)
        self._prepare_data(SNAPSHOT_SIZE.check(snapshot_size))
        self._prepare_training(momentum, weight_decay)

    # --- what is needed before the first step

    def _prepare_data(self, snapshot_size: int) -> None:
        """Put the data of the batches that are used on the device, once; of the unlabeled target only the examples."""
        domains = {"source": self.pair.source, "target": self.pair.target, "labeled": self.pair.target_labeled}
        *seeds, self._chance_seed = np.random.SeedSequence(self.seed).generate_state(4).tolist()
        seed = dict(zip(domains, seeds, strict=True))
        used = {name: domain for name, domain in domains.items() if domain is not None and name in self._batches()}
        self._x = {name: self._put(domain.x) for name, domain in used.items()}
        self._y = {name: self._put(domain.y) for name, domain in used.items() if name != "target"}
        domain_id = self.pair.source.domain_id
        self._domain_id = self._put(np.zeros(len(self.pair.source), np.int64) if domain_id is None else domain_id)
        self._rows = {n: Shuffled(len(x), self.batch_size, seed=seed[n], device=self.device) for n, x in self._x.items()}
        self.snapshot_points = choose_points(self.pair, snapshot_size, self.seed)
        self._snapshot_x = self._put(self.snapshot_points.x)

    def _batches(self) -> frozenset[str]:
        """Names of the batches that go through the network: what the objective uses, and what feeds BatchNorm's statistics."""
        has_batchnorm = any(isinstance(m, BATCHNORMS) for m in self.network.modules())
        feeds = {"target"} if has_batchnorm and "source" in self.objective.batches else set()
        return self.objective.batches | feeds

    def _put(self, array: np.ndarray | None) -> Tensor:
        """A copy of the array on the device; images with their channels last, as convolutions like them best."""
        tensor = torch.tensor(array, device=self.device)
        return tensor.contiguous(memory_format=torch.channels_last) if tensor.ndim == 4 else tensor

    def _prepare_training(self, momentum: float, weight_decay: float) -> None:
        self.objective.setup(self.network, self.pair.blind(), torch.Generator().manual_seed(self._chance_seed))
        self.objective.to(self.device)
        self._random = OwnRandomness(self._chance_seed + 1, self.device)
        self._parts: dict[str, list[nn.Parameter]] = {
            "body": list(self.network.stages.parameters()),
            "head": list(self.network.head.parameters()),
            "objective": list(self.objective.parameters()),
        }
        self._groups = self._by_rate()
        groups = [{"name": name, "params": params} for name, params in self._groups.items() if params]
        self.optimizer = torch.optim.SGD(groups, lr=self.values["lr"], momentum=momentum, weight_decay=weight_decay)
        self._freeze(self.values["freeze_depth"])

    def _by_rate(self) -> dict[str, list[nn.Parameter]]:
        """The parameters in groups of one learning rate: the parts, and each stage with a rate of its own apart."""
        apart = [name for name in self.network.stages if name in self.objective.lr_multipliers(self.network)]
        groups = {name: list(self.network.stages[name].parameters()) for name in apart}
        rest = [p for name, stage in self.network.stages.items() if name not in apart for p in stage.parameters()]
        return {**self._parts, **groups, "body": rest}

    # --- settings

    def set(self, **changes: Any) -> None:
        """Change settings: checked now, acting from the next step on."""
        self._queued |= {name: self._checked(name, value) for name, value in changes.items()}

    def _checked(self, name: str, value: Any) -> Any:
        known = {s.name: s for s in (self.objective.weight, *self.settings)}  # lambda may be set also where it does nothing
        return known[check_name(name, known, what="live setting")].check(value)

    def _planned(self, plan: Iterable[Changed]) -> dict[int, dict[str, Any]]:
        """New values by step and name."""
        steps: dict[int, dict[str, Any]] = {}
        for change in plan:
            steps.setdefault(change.step, {})[change.name] = self._checked(change.name, change.new)
        return steps

    def _apply_changes(self) -> tuple[Changed, ...]:
        step = self.step_number + 1
        self.set(**(self._of_the_method() | self._plan.pop(step, {}) | self._queued))
        wanted, self._queued = self._queued, {}
        changed = tuple(Changed(step, n, self.values[n], v) for n, v in wanted.items() if v != self.values[n])
        for change in changed:
            self._apply(change.name, change.new)
        self.changes += changed
        return changed

    def _of_the_method(self) -> dict[str, Any]:
        """The changes that the objective's own plan has for the coming step: what differs from the step before."""
        new = self.objective.setting_schedule(self.progress, self.network)
        old = self.objective.setting_schedule((self.step_number - 1) / self.steps, self.network) if self.step_number else {}
        return {name: value for name, value in new.items() if name not in old or old[name] != value}

    def _apply(self, name: str, value: Any) -> None:
        self.values[name] = value
        if name == "freeze_depth":
            self._freeze(value)
        elif name in {s.name for s in self.objective.settings}:
            setattr(self.objective, name, value)
            self._freeze(self.values["freeze_depth"])  # what the method trains may hang on its settings

    def _freeze(self, depth: int) -> None:
        """Freeze the first stages; the optimiser keeps only what trains and forgets the momentum of what does not."""
        self.network.freeze(depth).head.requires_grad_(True)
        chosen = set(self.objective.trainable(self.network))
        for p in self.network.parameters():
            p.requires_grad_(p.requires_grad and p in chosen)
        for group in self.optimizer.param_groups:
            group["params"] = [p for p in self._groups[group["name"]] if p.requires_grad]
            for p in self._groups[group["name"]]:
                if not p.requires_grad:
                    self.optimizer.state.pop(p, None)
                    p.grad = None

    # --- one step

    @property
    def progress(self) -> float:
        """Share of the run that is done, 0..1."""
        return min(self.step_number / self.steps, 1.0)

    @property
    def done(self) -> bool:
        """Whether there is nothing left to train."""
        return self.step_number >= self.steps or self.error is not None

    def step(self) -> tuple[Fact, ...]:
        """Train one step and return the facts that are ready: changes, then steps (on a GPU these come in batches)."""
        if self.error is not None:
            raise self.error
        facts: tuple[Fact, ...] = self._apply_changes()
        effective, rates = self._effective(), self.objective.lr_multipliers(self.network)
        for group in self.optimizer.param_groups:
            group["lr"] = effective["lr"] * rates.get(group["name"], 1.0)
        with self._random.here(), remedies_said(self.batch_size):
            terms = self._train(effective["weight"])
        self.step_number += 1
        values = torch.stack([term.detach() for term in terms.values()])
        self._pending.append((self.step_number, effective, tuple(terms), values))
        due = len(self._pending) >= self._report_every or self.done
        return facts + (self.flush() if due else ())

    def _effective(self) -> dict[str, float]:
        """Lambda and the learning rate as they act in the coming step, after their schedules."""
        p = self.progress
        weight = self.values["weight"] * self.objective.schedule(p)
        return {"weight": weight, "lr": self.values["lr"] / (1 + 10 * p) ** 0.75}

    def _train(self, weight: float) -> dict[str, Tensor]:
        """The objective's phases, all on one set of batches; returns each loss term as it was last."""
        self.network.train()
        rows = {name: shuffled.next() for name, shuffled in self._rows.items()}
        terms: dict[str, Tensor] = {}
        for phase in self.objective.phases_at(self.progress):
            now = None
            for _ in range(phase.repeat):
                now = now or self._batch(rows, weight, phase)
                new = self.objective(now)
                now = None if phase.moves_network else now  # backward frees each stage's output as it goes
                self._descend(new, phase)
                terms |= new
        return terms

    def _batch(self, rows: Mapping[str, Tensor], weight: float, phase: Phase) -> Batch:
        nothing = torch.empty(0, device=self.device)
        x = {name: data.index_select(0, rows[name]) for name, data in self._x.items()}
        y = {name: labels.index_select(0, rows[name]) for name, labels in self._y.items()}
        with torch.set_grad_enabled(phase.moves_network):
            out = self._forward(x)
        fs, zs, hs = out.get("source", (nothing, nothing, {}))
        ft, zt, ht = out.get("target", (nothing, nothing, {}))
        labeled = Labeled(x["labeled"], y["labeled"], *out["labeled"]) if "labeled" in x else None
        xs, ys, xt = x.get("source", nothing), y.get("source", nothing), x.get("target", nothing)
        domain_id = self._domain_id.index_select(0, rows["source"]) if "source" in rows else nothing
        moment: dict[str, Any] = {
            "weight": weight,
            "progress": self.progress,
            "network": self.network,
            "phase": phase.name,
            "domain_id": domain_id,
        }
        return Batch(xs=xs, ys=ys, xt=xt, fs=fs, ft=ft, zs=zs, zt=zt, hs=hs, ht=ht, labeled=labeled, **moment)

    def _forward(self, x: Mapping[str, Tensor]) -> dict[str, Seen]:
        """Features, logits and stages of each batch; without a gradient where a batch only feeds BatchNorm's statistics."""
        jointly = self.batchnorm == "joint" and "source" in x and "target" in x
        out = self._forward_jointly(x) if jointly else {}
        for name, batch in x.items():
            if name in out:
                continue
            h: dict[str, Tensor] = {}
            with torch.set_grad_enabled(torch.is_grad_enabled() and name in self.objective.batches):
                out[name] = (*self.network.on(self._statistics(name))(batch, h), h)
        return out

    def _forward_jointly(self, x: Mapping[str, Tensor]) -> dict[str, Seen]:
        """Source and target go through as one batch and are split by length."""
        n, h = len(x["source"]), dict[str, Tensor]()
        f, z = self.network.on("source")(torch.cat([x["source"], x["target"]]), h)
        hs, ht = {k: v[:n] for k, v in h.items()}, {k: v[n:] for k, v in h.items()}
        return {"source": (f[:n], z[:n], hs), "target": (f[n:], z[n:], ht)}

    def _statistics(self, batch: str) -> Literal["source", "target"]:
        """Whose BatchNorm statistics a batch takes."""
        return "source" if batch == "source" or self.batchnorm == "joint" else "target"

    def _descend(self, terms: Mapping[str, Tensor], phase: Phase) -> None:
        """One step down the gradient of the terms' sum, for the parts that the phase trains."""
        loss = torch.stack(list(terms.values())).sum()
        if self.device.type == "cpu" and not loss.isfinite():
            return  # the weights stay as they were; flush tells
        if not loss.requires_grad:
            return  # all that the objective trains is frozen
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        for part, params in self._parts.items():
            if part not in phase.trains:
                for p in params:
                    p.grad = None
        self.optimizer.step()

    def flush(self) -> tuple[Fact, ...]:
        """The steps that were trained but not yet told; a step that diverged ends the run with Failed."""
        pending, self._pending = self._pending, []
        table = torch.cat([values for *_, values in pending]).tolist() if pending else []
        facts: list[Fact] = []
        for step, effective, names, _ in pending:
            losses, table = dict(zip(names, table, strict=False)), table[len(names) :]
            if not np.isfinite(list(losses.values())).all():
                self.error = diverged(step, losses, effective)
                return (*facts, Failed(step, str(self.error)))
            facts.append(Stepped(step, losses, effective))
        if pending and self.done:
            facts.append(Finished(self.step_number))
        return tuple(facts)

    def __iter__(self) -> Iterator[Fact]:
        """Train to the end; a run that diverged tells Failed and then raises."""
        while not self.done:
            yield from self.step()
            if self.snapshot_every and self.step_number % self.snapshot_every == 0 and self.error is None:
                yield self.snapshot()
        if self.error is not None:
            raise self.error

    # --- going on from a moment

    def state(self) -> dict[str, Any]:
        """All that decides the steps to come, as plain values and tensors on the CPU; steps that are not yet told stay here.

        A run that failed has no such moment: its error is raised.
        """
        if self.error is not None:
            raise self.error
        objective = self.objective
        momentum = {name: [self.optimizer.state.get(p, {}) for p in params] for name, params in self._parts.items()}
        held = {
            "network": self.network.state_dict(),
            "objective": objective.state_dict(),
            "own": {name: value for name, value in vars(objective).items() if not name.startswith("_")},
            "momentum": momentum,
            "values": self.values,
            "queued": self._queued,
            "plan": self._plan,
        }
        streams = {"rows": {name: rows.state() for name, rows in self._rows.items()}, "random": self._random.state()}
        about = {"about": self._about, "step": self.step_number, "changes": self.changes}
        return {**about, **_copied(held, torch.device("cpu")), **streams}

    def restore(self, state: Mapping[str, Any], plan: Iterable[Changed] | None = None) -> None:
        """Go on from `state()` of a session built alike; `plan`, if given, replaces what was queued and planned there."""
        if state["about"] != self._about:
            raise ValueError(
                f"a state must come from a session built alike, got one of {state['about']} for {self._about}:"
                " build the session with the same pair, network, objective, batch size and seed"
            )
        held = _copied({n: v for n, v in state.items() if n not in ("rows", "random")}, self.device)
        self.step_number, self.changes, self.values = held["step"], held["changes"], held["values"]
        self.error, self._pending = None, []
        self._queued, self._plan = (held["queued"], held["plan"]) if plan is None else ({}, self._planned(plan))
        self.network.load_state_dict(held["network"])
        self.objective.load_state_dict(held["objective"])
        for name, value in held["own"].items():
            setattr(self.objective, name, value)
        self._restore_momentum(held["momentum"])
        for name, rows in self._rows.items():
            rows.restore(state["rows"][name])
        self._random.restore(state["random"])

    def _restore_momentum(self, held: Mapping[str, list[dict[str, Any]]]) -> None:
        self.optimizer.state.clear()
        self._freeze(self.values["freeze_depth"])
        for name, params in self._parts.items():
            self.optimizer.state.update({p: of_p for p, of_p in zip(params, held[name], strict=True) if of_p})

    @property
    def _about(self) -> tuple[Any, ...]:
        """What two sessions must have in common to go on from one another's states."""
        return self.pair.name, self.network.name, self.network.depth, self.objective.name, self.batch_size, self.steps, self.seed

    # --- looking; changes nothing

    def snapshot(self) -> Snapshot:
        """The network's view of the map's points, with accuracies and feature-space numbers of just these points."""
        points = self.snapshot_points
        (fs, zs), (ft, zt) = self._outputs(self._snapshot_x[~points.is_target], self._snapshot_x[points.is_target])
        features, logits = torch.cat([fs, ft]), torch.cat([zs, zt])
        predictions = logits.argmax(1).cpu().numpy()
        numbers = {
            f"{side}_accuracy": accuracy(predictions[rows], points.labels[rows])
            for side, rows in (("source", ~points.is_target), ("target", points.is_target))
            if (points.labels[rows] >= 0).all()
        }
        numbers |= feature_numbers(features, points.labels, points.is_target, seed=self.seed)
        seen = (features.cpu().numpy(), points.labels, predictions, points.is_target)
        return Snapshot(self.step_number, *seen, numbers=numbers, regions=self._regions())

    def _regions(self) -> Regions | None:
        """Which class the network gives to each part of the plane, where the inputs lie in one; read as the target's."""
        x = self.snapshot_points.x
        return decision_regions(self.network, x, self._statistics("target")) if x.shape[1:] == (2,) else None

    def _outputs(self, xs: Any, xt: Any) -> tuple[Pair, Pair]:
        return outputs(self.network, xs, "source"), outputs(self.network, xt, self._statistics("target"))

    def evaluate(self) -> dict[str, float]:
        """Accuracy on all held-out examples of each domain (on the training ones where none are held out)."""
        domains: dict[str, Domain] = dict(zip(("source", "target"), evaluation_domains(self.pair), strict=True))
        return {
            f"{side}_accuracy": accuracy(self.predict(domain.x, side), domain.y)
            for side, domain in domains.items()
            if domain.y is not None
        }

    def predict(self, x: np.ndarray, domain: str = "target") -> np.ndarray:
        """Predicted classes (n,) int64 of new examples x (n, ...), read as this domain's."""
        side = check_name(domain, ("source", "target"), what="domain")
        _, logits = outputs(self.network, x, self._statistics(side))
        return logits.argmax(1).cpu().numpy()


def pretraining_session(pair: DomainPair, network: Network, after: str, **options: Any) -> Session:
    """The session that trains a network, in place, for a method that comes after another (`Objective.pretrained_by`).

    It has the method's options, as many steps among them, but for its weight, frozen stages, looks and planned changes.
    """
    from tltutor.objectives import build_objective

    shared = {name: value for name, value in options.items() if name not in OF_THE_METHOD}
    return Session(pair, network, build_objective(after), **shared)


def find_device(name: str) -> torch.device:
    """The device of this name; "auto" is CUDA, then Apple's MPS, then the CPU."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    device = torch.device(name)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ValueError(f"device {name!r} needs a CUDA GPU that torch can use, and there is none: use device='auto' or 'cpu'")
    return device


def live_settings(objective: Objective, network: Network) -> tuple[Setting, ...]:
    """What may change mid-run: the objective's lambda and other live settings, freeze depth, learning rate."""
    own = tuple(s for s in objective.declared() if s.live)
    return (*own, replace(FREEZE_DEPTH, high=network.depth), LR)


def diverged(step: int, losses: Mapping[str, float], effective: Mapping[str, float]) -> FloatingPointError:
    """The error of a step whose loss is not finite: which term, at which step, and what to try."""
    bad = [f"{name!r} became {value}" for name, value in losses.items() if not np.isfinite(value)]
    return FloatingPointError(
        f"every loss must be finite, but {' and '.join(bad)} in step {step} (learning rate {effective['lr']:.2g},"
        f" lambda {effective['weight']:.2g}): start again with a smaller learning rate or a smaller lambda"
    )


@contextmanager
def remedies_said(batch_size: int) -> Iterator[None]:
    """A device that runs out of memory says which setting to turn; a BatchNorm over one example says what it needs."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise MemoryError(
            f"batch_size {batch_size} does not fit into the device's memory: take a smaller batch_size (or snapshot_size), or device='cpu'"
        ) from error
    except ValueError as error:
        if "more than 1 value per channel" not in str(error):
            raise
        raise ValueError(
            "BatchNorm needs at least 2 examples of a domain in a batch, got 1: give more examples (or target labels), or build"
            " the network with batchnorm=False"
        ) from error


def _copied(value: Any, device: torch.device) -> Any:
    """A copy that nothing else holds, its tensors on the device and laid out as they were."""
    if isinstance(value, Tensor):
        return value.detach().to(device, copy=True)
    if isinstance(value, Mapping):
        return {name: _copied(inner, device) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)([_copied(inner, device) for inner in value])
    return copy.deepcopy(value)


def _fit_pair(pair: DomainPair, network: Network, objective: Objective, seed: int) -> DomainPair:
    """The pair, with labeled target examples drawn if the objective wants them; an error if network and pair do not fit."""
    classes = network.head.out_features
    if classes != len(pair.class_names):
        raise ValueError(
            f"the network's head must have one output a class, got {classes} outputs and {len(pair.class_names)} classes:"
            " use network.with_head(pair.class_names)"
        )
    if "labeled" in objective.batches and pair.target_labeled is None:
        return pair.with_target_labels(objective.labels_per_class, seed)
    return pair
