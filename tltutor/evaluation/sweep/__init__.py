"""Sweeps: try settings of several methods over seeds, choose by a judge that sees no target label, and show what it cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tltutor.domains import DomainPair
from tltutor.evaluation.evidence import VALIDATION
from tltutor.evaluation.sweep.journal import Trial
from tltutor.evaluation.sweep.loop import Progress
from tltutor.evaluation.sweep.plan import TRIALS, Plan, Search, plan_of
from tltutor.evaluation.sweep.result import SweepResult
from tltutor.evaluation.sweep.running import Running
from tltutor.evaluation.sweep.table import as_text
from tltutor.experiment import Experiment

__all__ = [
    "Plan",
    "Progress",
    "Running",
    "Search",
    "SweepResult",
    "Trial",
    "as_text",
    "plan_of",
    "sweep",
]


def sweep(
    pair: str | DomainPair,
    objectives: str | Iterable[str],
    *,
    grid: str | Mapping[str, Any],
    seeds: int | Iterable[int] = 5,
    choose: str = "iwcv",
    search: str = "grid",
    trials: int = TRIALS,
    search_seed: int = 0,
    prune: bool = False,
    validation: float = VALIDATION,
    out: str | Path | None = None,
    jobs: int | None = None,
    backend: str = "loky",
    scheduler: str | None = None,
    network: str = "auto",
    network_options: Mapping[str, Any] | None = None,
    pair_options: Mapping[str, Any] | None = None,
    pretrain: int | None = None,
    on_progress: Callable[[Progress], object] = lambda _: None,
    **session_options: Any,
) -> SweepResult:
    """Try settings of these objectives over seeds and return the trials; nothing looks at a target label to choose.

    grid: values by setting, {"weight": [0.1, 1], "lr": "0.001..0.1"} or "weight=.1,1; lr=0.001..0.1". An objective takes the
    settings that it has. search: "grid" tries all combinations; "random" and "tpe" (Bergstra et al., 2011) try `trials` of
    each objective, also between bounds, and draw by search_seed. choose: a judge of `tltutor.metrics.judges`; "reverse" trains
    each run a second time. prune: leave out a setting's other seeds when its first ones are worse than the best setting's,
    pair by pair.
    validation: share of the source that no run trains on and the judges see. out: a .json file for the result; the trials
    are stored beside it at once, in a .journal: the same call continues a sweep that was stopped, another grid adds to it,
    and several processes can share it. jobs: processes of one thread each (default: one a core); backend "dask" uses a
    cluster's (`scheduler`). on_progress is called after each run; `print` shows a line, with the time that is left.
    Others are options of the session, such as steps=300.
    Errors: ValueError and TypeError in one sentence, before anything is trained or written; ImportError without Optuna (or
    Dask); RuntimeError if a process was ended: call again.
    """
    experiment = Experiment(
        pair,
        "source-only",  # each run has its own
        network=network,
        pair_options=dict(pair_options or {}),
        network_options=dict(network_options or {}),
        session_options=session_options,
        pretrain=pretrain,
    )
    plan = plan_of(
        experiment,
        objectives,
        grid,
        seeds=seeds,
        choose=choose,
        search=Search(search, trials, search_seed, prune),
        validation=validation,
    )
    with Running(plan, out, jobs=jobs, backend=backend, scheduler=scheduler) as running:
        for progress in running:
            on_progress(progress)
    return running.result()
