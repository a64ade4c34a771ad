"""`tltutor sweep`: try settings of several methods over seeds, choose by a judge without target labels, print the table."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace

from tqdm import tqdm

from tltutor.cli import flags, run
from tltutor.domains.registry import pair_names
from tltutor.evaluation.sweep import Plan, Progress, Running, Search, SweepResult, plan_of
from tltutor.evaluation.sweep.plan import CHOOSERS, SEARCHES, TRIALS
from tltutor.evaluation.sweep.processes import BACKENDS
from tltutor.evaluation.sweep.table import ORACLE, as_text
from tltutor.settings import Setting

SEEDS = replace(run.SEEDS, default=5)
TRIED = Setting(
    "trials",
    TRIALS,
    1,
    100_000,
    "int",
    live=False,
    text="Settings of each objective that a random search or TPE tries.",
)
DRAWS = Setting(
    "search_seed", 0, 0, 1_000_000, "int", live=False, text="Seed of the draws of random and TPE."
)
JOBS = Setting("jobs", 1, 1, 1000, "int", live=False)
VALIDATION = Setting(
    "validation",
    0.2,
    0.01,
    0.9,
    live=False,
    text="Share of the source that is held out for the judge.",
)
DIM, PLAIN = "\033[2m", "\033[0m"


def add_arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Declare PAIR, what is tried, how it is searched and chosen, and where it runs."""
    parser.add_argument("pair", metavar="PAIR", help=f"one of {', '.join(pair_names())}")
    parser.add_argument(
        "--objective", metavar="NAME,NAME", required=True, help="the methods, such as dann,mcc"
    )
    grid = 'values by setting, "weight=.1,.3,1; width=1,2", also lr, steps and others; random and TPE take bounds, lr=.001...1'
    parser.add_argument("--grid", metavar="NAME=VALUE,VALUE;…", required=True, help=grid)
    parser.add_argument(
        "--search", metavar="|".join(SEARCHES), default="grid", help="default: %(default)s"
    )
    flags.add_flag(parser, TRIED)
    flags.add_flag(parser, DRAWS)
    parser.add_argument(
        "--prune",
        action="store_true",
        help="leave out a setting's other seeds when its first are worse than the best setting's",
    )
    parser.add_argument(
        "--choose",
        metavar="JUDGE",
        default="iwcv",
        help=f"the judge, which sees no target label: {', '.join(CHOOSERS)}; reverse trains each run twice (default: %(default)s)",
    )
    flags.add_flag(parser, VALIDATION)
    parser.add_argument(
        "--out",
        metavar="FILE.json",
        help="write the result here; the trials are stored beside it, and the same command continues a sweep that was stopped",
    )
    parser.add_argument(
        "--jobs",
        type=flags.checked(JOBS),
        metavar="N",
        help="processes of one thread each (default: one a core)",
    )
    parser.add_argument(
        "--backend", metavar="|".join(BACKENDS), default="loky", help="default: %(default)s"
    )
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="a Dask scheduler, such as tcp://HOST:8786"
    )
    run.add_training(parser, words, SEEDS)


def execute(arguments: argparse.Namespace) -> int:
    """Run what is left of the sweep and print the table, also when the rest is stopped or fails."""
    try:
        plan = plan_from(arguments)
    except (ValueError, TypeError) as error:
        raise flags.UsageError(str(error)) from error
    running = Running(
        plan,
        arguments.out,
        jobs=arguments.jobs,
        backend=arguments.backend,
        scheduler=arguments.scheduler,
    )
    try:
        with running, tqdm(unit="setting", disable=None, leave=False) as bar:
            for progress in running:
                _show(progress, bar)
    finally:
        if running.ended and any(trial.runs for trial in running.result().trials):
            _report(running.result(), arguments.out)
    return 0


def plan_from(arguments: argparse.Namespace) -> Plan:
    """Return the plan that the command line asks for. Errors: ValueError."""
    search = Search(
        arguments.search,
        arguments.trials or TRIALS,
        arguments.search_seed or 0,
        arguments.prune,
    )
    return plan_of(
        run.experiment_of(arguments),
        arguments.objective,
        arguments.grid,
        seeds=arguments.seeds or SEEDS.default,
        choose=arguments.choose,
        search=search,
        validation=arguments.validation or VALIDATION.default,
    )


def _show(progress: Progress, bar: tqdm[None]) -> None:
    """Move the bar, and print one line for each run on stderr."""
    bar.total, bar.n = progress.total, progress.done
    bar.set_description(f"about {progress.time_left} left")
    bar.write(str(progress), file=sys.stderr)


def _report(result: SweepResult, out: str | None) -> None:
    """Print the table; a terminal shows the oracle's lines dimmed."""
    for line in as_text(result).splitlines():
        dim = line.startswith(ORACLE) and sys.stdout.isatty()
        print(f"{DIM}{line}{PLAIN}" if dim else line)
    if out is not None:
        print(f"written to {out}")
