"""Measure every method on the digit pairs over seeds: accuracy on the held-out target at the last step, in docs/results.md and .json.

python -m benchmarks.digits                            # everything that is not measured yet; it can be stopped and resumed
python -m benchmarks.digits --jobs 8                   # eight processes of one thread each
python -m benchmarks.digits --backend dask --scheduler tcp://HOST:8786     # on the workers of a Dask cluster
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

import joblib
import torch

from benchmarks import report, results
from benchmarks.ledger import Ledger
from benchmarks.plan import GIVEN, Case, Run, cases, runs
from tltutor.domains import DomainPair, load_pair
from tltutor.evaluation import comparison
from tltutor.experiment import Experiment
from tltutor.networks import Network
from tltutor.objectives import build_objective

LEDGER = report.MEASURED / "digits.jsonl"


def measure(run: Run) -> dict[str, Any]:
    """Train once in this process with one thread; return accuracies at the last step and core seconds, or why it failed."""
    torch.set_num_threads(1)
    started, numbers = 0.0, dict[str, float]()
    try:
        for fact in comparison.train(run.row.method, experiment_of(run)):
            if isinstance(fact, comparison.Began):
                started = time.process_time()
            elif isinstance(fact, comparison.Judged):
                numbers = dict(fact.numbers)
    except FloatingPointError as error:
        return {"failed": str(error)}
    return {**numbers, "core_seconds": round(time.process_time() - started, 2)}


def experiment_of(run: Run) -> Experiment:
    """Return the run's experiment, with the network or the teacher that the method is given."""
    case, given = run.case, GIVEN[run.row.given]
    pair = (
        loaded(case, run.seed)
        if given.change is None
        else given.change(loaded(case, run.seed), run.seed)
    )
    teacher = {"teacher": trained(case, run.seed, given.teacher)} if given.teacher else {}
    return replace(
        case.experiment,
        pair=pair.target_only() if run.row.method == comparison.CEILING else pair,
        objective=build_objective(run.method, **teacher),
        seed=run.seed,
        network=trained(case, run.seed) if given.start else case.experiment.network,
    )


@lru_cache(maxsize=1)
def loaded(case: Case, seed: int) -> DomainPair:
    """Return the case's pair, which consecutive runs of one case and seed share."""
    return load_pair(case.pair, seed=seed, **case.experiment.pair_options)


@lru_cache(maxsize=2)
def trained(case: Case, seed: int, channels: tuple[int, ...] = ()) -> Network:
    """Return the network of this case and seed, or one with other channels, trained by source-only."""
    options = dict(case.experiment.network_options) | ({"channels": channels} if channels else {})
    experiment = replace(
        case.experiment, pair=loaded(case, seed), seed=seed, network_options=options
    )
    session = experiment.build()
    list(session)
    return session.network


def measure_all(todo: Sequence[Run], ledger: Ledger, *, jobs: int) -> None:
    """Measure what is not in the ledger yet, and store each batch of runs: four per process, or one in this process."""
    waiting = iter([run for run in todo if run.key not in ledger])
    processes = joblib.effective_n_jobs(jobs)
    while portion := list(islice(waiting, 1 if processes == 1 else 4 * processes)):
        start = time.perf_counter()
        for run, found in zip(
            portion,
            joblib.Parallel(n_jobs=jobs)(joblib.delayed(measure)(run) for run in portion),
            strict=True,
        ):
            ledger.measure(run.key, partial(dict, found))
            print(
                f"{run.case.pair}, seed {run.seed}, {run.row.method} ({run.row.given}): {summary(found)}",
                flush=True,
            )
        print(f"  {time.perf_counter() - start:.1f} s", flush=True)


def summary(found: Mapping[str, Any]) -> str:
    """Return a measurement as one line."""
    return found.get("failed") or ", ".join(
        f"{name.replace('_', ' ')} {value:.3f}" for name, value in found.items()
    )


@contextmanager
def backend(name: str, scheduler: str | None) -> Iterator[None]:
    """Use joblib's own processes, or the workers of a Dask cluster: at this address, or on this machine."""
    if name != "dask":
        with joblib.parallel_config(name, inner_max_num_threads=1):
            yield
        return
    from dask.distributed import Client

    local = {} if scheduler else {"threads_per_worker": 1, "dashboard_address": None}
    with Client(scheduler, **local), joblib.parallel_config("dask"):
        yield


def main(words: Sequence[str] | None = None) -> None:
    arguments = _parser().parse_args(words)
    todo = [run for run in runs() if _wanted(run, arguments)]
    ledger = Ledger(arguments.ledger, {}, report.measured_on())
    try:
        with backend(arguments.backend, arguments.scheduler):
            measure_all(
                [] if arguments.write else todo,
                ledger,
                jobs=arguments.jobs or (-1 if arguments.backend == "dask" else 1),
            )
    finally:
        result = results.collect(ledger)
        report.write("results", result, results.as_text(result), arguments.out)


def _wanted(run: Run, arguments: argparse.Namespace) -> bool:
    """Return True if the command line selects this run; without a selection, all runs."""
    chosen = (
        (run.case.pair, arguments.pair),
        (run.row.method, arguments.method),
        (run.seed, arguments.seed),
    )
    return all(not wanted or value in wanted for value, wanted in chosen)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.digits", description=__doc__.splitlines()[0]
    )
    jobs = "number of processes, one torch thread each; -1: one per core (default 1; Dask: all its workers)"
    parser.add_argument("--jobs", type=int, help=jobs)
    parser.add_argument(
        "--backend",
        choices=("loky", "dask"),
        default="loky",
        help="what runs them (default %(default)s)",
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="a Dask scheduler; without one, Dask starts workers on this machine",
    )
    parser.add_argument(
        "--pair",
        action="append",
        choices=[case.pair for case in cases()],
        help="only this pair; may be repeated",
    )
    parser.add_argument(
        "--method", action="append", metavar="NAME", help="only this method; may be repeated"
    )
    parser.add_argument("--seed", action="append", type=int, help="only this seed; may be repeated")
    parser.add_argument(
        "--write", action="store_true", help="measure nothing, only write the report"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=report.DOCS,
        help="where results.md and results.json go (default %(default)s)",
    )
    parser.add_argument(
        "--ledger", type=Path, default=LEDGER, help="the file of measurements (default %(default)s)"
    )
    return parser


if __name__ == "__main__":
    main()
