"""The file of a sweep: which settings are tried and what their runs gave, as Optuna's journal; it can be stopped and continued.

Several processes may work on one file. It does not know how a run is trained.
"""

from __future__ import annotations

import json
import platform
import uuid
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from tltutor.evaluation.sweep.plan import Plan
from tltutor.evaluation.sweep.runs import Measured
from tltutor.evaluation.sweep.space import Axis
from tltutor.files import check_place

if TYPE_CHECKING:
    import optuna

NO_OPTUNA = "a sweep needs Optuna, which is not installed: pip install optuna"
ABOUT, SETTING, OWNER, SEED = "sweep", "setting", "owner", "seed "  # attributes in the journal
PRUNE_BELOW = 0.1  # p of the signed-rank test; five seeds can reach 1 / 32
_active: set[str] = set()  # sweeps that run in this process


@dataclass(frozen=True)
class Trial:
    """One setting of an objective, and what its runs gave so far, by seed.

    state: "complete", "pruned" (left early, or without a score), "running" or "waiting".
    """

    objective: str
    setting: Mapping[str, Any]
    state: str
    runs: Mapping[int, Measured]

    @property
    def is_done(self) -> bool:
        """Whether nothing of it is left to run."""
        return self.state in ("complete", "pruned")


def optuna_of() -> ModuleType:
    """Return the module optuna. Errors: ImportError with the line that installs it."""
    try:
        import optuna
    except ImportError as error:
        raise ImportError(NO_OPTUNA) from error
    module: ModuleType = optuna
    return module


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Optuna from printing and from warning that a part of it may change."""
    logging = optuna_of().logging
    before = logging.get_verbosity()
    logging.set_verbosity(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*experimental")
            yield
    finally:
        logging.set_verbosity(before)


class Journal:
    """The trials of a plan in the file `path`: claims settings to work on, and stores what each run gave at once.

    Errors: ImportError without Optuna; OSError for a place that cannot be written to; ValueError for a file that is no
    sweep's, or one of another format, pair, or plan. Such a file stays as it is.
    """

    def __init__(self, plan: Plan, path: Path) -> None:
        self.plan, self.path = plan, path
        module = optuna_of()
        check_place(path, "sweep")
        self._token = uuid.uuid4().hex
        with self._alone(), _quiet():
            _cut_torn_line(path)
            self._check_file()
            _active.add(self._token)
            lock = module.storages.journal.JournalFileOpenLock(str(path))
            backend = module.storages.journal.JournalFileBackend(str(path), lock_obj=lock)
            shared = {
                "storage": module.storages.JournalStorage(backend),
                "direction": "maximize",
                "load_if_exists": True,
                "pruner": self._pruner(module),
            }
            self._studies: dict[str, optuna.Study] = {
                name: module.create_study(study_name=name, **shared) for name in plan.objectives
            }
            for study in self._studies.values():
                if ABOUT not in study.user_attrs:
                    study.set_user_attr(ABOUT, plan.about())
            self._enqueue()

    def close(self) -> None:
        """Let another sweep continue what this one has begun."""
        _active.discard(self._token)

    # --- what the file says

    def _check_file(self) -> None:
        """Refuse a file of something else before anything is written to it."""
        if not self.path.exists() or not self.path.stat().st_size:
            return
        ours = self.plan.about()
        for theirs in _abouts(self.path):
            check_same(ours, theirs, self.path)

    def trials(self) -> list[Trial]:
        """Return all trials of the plan's objectives, in the order in which they were found."""
        return [
            Trial(name, trial.user_attrs[SETTING], trial.state.name.lower(), _runs(trial))
            for name, study in self._studies.items()
            for trial in study.get_trials(deepcopy=False)
            if SETTING in trial.user_attrs
        ]

    def known(self, objective: str, setting: Mapping[str, Any]) -> dict[int, Measured]:
        """Return what any trial of this setting gave, by seed."""
        same = [t for t in self.trials() if (t.objective, t.setting) == (objective, setting)]
        return {seed: measured for trial in same for seed, measured in trial.runs.items()}

    # --- working on it

    def claim(self) -> Claim | None:
        """Return the next setting to work on, which no other process gets; None if there is none.

        First come settings that were begun and whose process has ended, then those that wait, then TPE's new ones.
        """
        with self._alone():
            for name, study in self._studies.items():
                trial = self._orphan(study) or self._waiting(study) or self._new(name, study)
                if trial is not None:
                    trial.set_user_attr(OWNER, [platform.node(), *_process(), self._token])
                    return Claim(name, trial.user_attrs[SETTING], trial)
        return None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let no other process open the file or claim a setting inside the block."""
        lock = optuna_of().storages.journal.JournalFileOpenLock(f"{self.path}.claim")
        lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def record(self, claim: Claim, seed: int, measured: Measured) -> bool:
        """Store what one run gave; return True if the setting's other seeds are not worth their time."""
        score = None if measured.collapsed else measured.scores.get(self.plan.choose)
        name, prunes = f"{SEED}{seed}", self.plan.search.prune
        with _quiet():
            if name not in claim.trial.user_attrs:
                claim.trial.set_user_attr(name, asdict(measured))
                if score is not None:
                    claim.trial.report(score, self.plan.seeds.index(seed))
            return prunes and (score is None or claim.trial.should_prune())

    def finish(self, claim: Claim) -> None:
        """Close a trial: complete with its mean score, or pruned if a seed has none, collapsed, or was left out."""
        from optuna.trial import TrialState

        runs = _runs(self._frozen(claim))
        scores = [
            None if run.collapsed else run.scores.get(self.plan.choose) for run in runs.values()
        ]
        usable = [score for score in scores if score is not None]
        whole = len(usable) == len(self.plan.seeds)
        study = self._studies[claim.objective]
        with _quiet():
            if whole:
                study.tell(claim.trial, float(np.mean(usable)), skip_if_finished=True)
            else:
                study.tell(claim.trial, state=TrialState.PRUNED, skip_if_finished=True)

    def _frozen(self, claim: Claim) -> optuna.trial.FrozenTrial:
        study = self._studies[claim.objective]
        found: optuna.trial.FrozenTrial = study.get_trials(deepcopy=False)[claim.trial.number]
        return found

    # --- finding settings

    def _pruner(self, module: Any) -> Any:
        """Return a pruner that compares seeds pairwise with the best trial's (Wilcoxon, 1945)."""
        if not self.plan.search.prune:
            return module.pruners.NopPruner()
        return module.pruners.WilcoxonPruner(p_threshold=PRUNE_BELOW)

    def _enqueue(self) -> None:
        """Let each setting of the grid, or of the random draws, wait once."""
        for name, study in self._studies.items():
            known = [trial.user_attrs.get(SETTING) for trial in study.get_trials(deepcopy=False)]
            for setting in self._settings(name):
                if setting not in known:
                    study.enqueue_trial(setting, user_attrs={SETTING: setting})

    def _settings(self, objective: str) -> list[dict[str, Any]]:
        search, axes = self.plan.search, self.plan.axes[objective]
        if search.name == "grid":
            return self.plan.points(objective)
        if search.name == "random":
            return self._drawn(axes)
        return []

    def _drawn(self, axes: Mapping[str, Axis]) -> list[dict[str, Any]]:
        """Return random settings, the same for one seed of the search however many processes work on them."""
        optuna, search = optuna_of(), self.plan.search
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=search.seed))
        return [_suggested(study.ask(), axes) for _ in range(search.trials)]

    def _orphan(self, study: optuna.Study) -> optuna.Trial | None:
        """Return a begun trial whose process has ended."""
        import optuna

        for trial in study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,)):
            if SETTING in trial.user_attrs and not _is_alive(trial.user_attrs.get(OWNER)):
                return optuna.trial.Trial(study, trial._trial_id)  # noqa: SLF001 - its public way makes new ones
        return None

    def _waiting(self, study: optuna.Study) -> optuna.Trial | None:
        """Return a waiting trial, which is ours from now on."""
        import optuna

        waiting = study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.WAITING,))
        return study.ask() if waiting else None

    def _new(self, objective: str, study: optuna.Study) -> optuna.Trial | None:
        """Return a new trial by TPE (Bergstra et al., 2011), up to the number that was asked for."""
        import optuna

        search = self.plan.search
        begun = [t for t in study.get_trials(deepcopy=False) if SETTING in t.user_attrs]
        if search.name != "tpe" or len(begun) >= search.trials:
            return None
        (seed,) = np.random.SeedSequence([search.seed, len(begun)]).generate_state(1)
        with _quiet():
            study.sampler = optuna.samplers.TPESampler(seed=int(seed), constant_liar=True)
            trial = study.ask()
            trial.set_user_attr(SETTING, _suggested(trial, self.plan.axes[objective]))
        return trial


@dataclass(frozen=True)
class Claim:
    """A setting that this process works on."""

    objective: str
    setting: Mapping[str, Any]
    trial: optuna.Trial


def _suggested(trial: optuna.Trial, axes: Mapping[str, Axis]) -> dict[str, Any]:
    """Return one draw of each axis; of a list one of its values, between bounds on the setting's own scale."""
    drawn: dict[str, Any] = {}
    for name, axis in axes.items():
        log = axis.setting.scale == "log"
        if axis.values:
            drawn[name] = trial.suggest_categorical(name, axis.values)
        elif axis.setting.scale == "int":
            drawn[name] = trial.suggest_int(name, int(axis.low), int(axis.high))
        else:
            drawn[name] = trial.suggest_float(name, axis.low, axis.high, log=log)
    return drawn


def _runs(trial: optuna.trial.FrozenTrial) -> dict[int, Measured]:
    """Return what a trial's runs gave, by seed."""
    return {
        int(name.removeprefix(SEED)): Measured(**value)
        for name, value in trial.user_attrs.items()
        if name.startswith(SEED)
    }


def check_same(ours: Mapping[str, Any], theirs: Mapping[str, Any], path: Path) -> None:
    """Refuse a file that another version of tltutor wrote, or whose sweep is another one; both as `Plan.about` describes."""
    versions = [(about.get("format"), about.get("tltutor")) for about in (ours, theirs)]
    if versions[0] != versions[1]:
        (form, version), (their_form, their_version) = versions
        raise ValueError(
            f"the sweep {path} must be of tltutor {version}, format {form}, got {their_version}, format {their_form}:"
            " choose another file, or use that version"
        )
    for name in {**ours, **theirs}:
        if ours.get(name) != theirs.get(name):
            what = name.replace("_", " ")
            raise ValueError(
                f"the sweep {path} has the {what} {theirs.get(name)!r}, and {ours.get(name)!r} is asked for:"
                f" choose another file, or ask for the same {what}"
            )


def _cut_torn_line(path: Path) -> None:
    """Cut off a last line that was not written to its end, as after a power failure: else the next one would join it."""
    data = path.read_bytes() if path.exists() else b""
    if data and not data.endswith(b"\n") and b"\n" in data:
        with path.open("r+b") as file:
            file.truncate(data.rindex(b"\n") + 1)


def _abouts(path: Path) -> Iterator[dict[str, Any]]:
    """Yield what each study in the file says of its sweep. Errors: ValueError for a file that is no journal of a sweep."""
    stranger = ValueError(
        f"{path} must be the journal of a sweep, and is something else or damaged: choose another file"
    )
    try:
        lines = path.read_text("utf-8").splitlines()
        entries = [json.loads(line) for line in lines]
        found = [e["user_attr"][ABOUT] for e in entries if ABOUT in e.get("user_attr", ())]
    except (ValueError, AttributeError, TypeError) as error:
        raise stranger from error
    if not found:
        raise stranger
    yield from found


def _process() -> tuple[int, float]:
    """Return what tells this process from any other of this machine: its number and the time at which it started."""
    import psutil

    process = psutil.Process()
    return process.pid, process.create_time()


def _is_alive(owner: Any) -> bool:
    """Return whether the sweep that claimed a trial still runs; on another machine it is taken to."""
    import psutil

    if not owner:
        return False
    node, pid, started, token = owner
    if node != platform.node():
        return True
    if (pid, started) == _process():
        return token in _active
    try:
        return bool(psutil.Process(pid).create_time() == started)
    except psutil.NoSuchProcess:
        return False
