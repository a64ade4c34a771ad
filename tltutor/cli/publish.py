"""`tltutor publish PAIR OUT.html`: record a grid of runs and write one page whose sliders choose between them."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from tltutor.cli import flags, run
from tltutor.domains.registry import pair_names
from tltutor.evaluation import publish as study
from tltutor.evaluation.sweep.plan import plan_of
from tltutor.language import LANGUAGES, language
from tltutor.projections import PROJECTIONS
from tltutor.settings import Setting

SEEDS = replace(run.SEEDS, default=study.SEEDS)
FRAMES = Setting("frames", study.FRAMES, 20, 600, "int", text="Frames of each run.", live=False)
JOBS = Setting("jobs", 1, 1, 1000, "int", live=False)


def add_arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Declare PAIR and OUT, what is recorded, and the language."""
    parser.add_argument("pair", metavar="PAIR", help=f"one of {', '.join(pair_names())}")
    parser.add_argument("out", metavar="OUT.html", help="the page to write")
    parser.add_argument("--objective", metavar="NAME", required=True, help="the method")
    parser.add_argument(
        "--grid",
        metavar="NAME=VALUE,VALUE;…",
        required=True,
        help='the sliders and their values, such as "weight=0,.1,1; freeze_depth=0,1"',
    )
    flags.add_flag(parser, FRAMES)
    parser.add_argument(
        "--projection",
        metavar="NAME",
        default="tsne",
        help=f"the map: {', '.join(PROJECTIONS)} (default: %(default)s)",
    )
    parser.add_argument("--title", metavar="TEXT", help="of the page (default: pair and method)")
    parser.add_argument(
        "--runs",
        metavar="FOLDER",
        help="keeps the recordings, so that the same command continues (default: beside OUT)",
    )
    parser.add_argument(
        "--jobs",
        type=flags.checked(JOBS),
        metavar="N",
        help="processes of one thread each (default: one a core)",
    )
    parser.add_argument(
        "--language",
        choices=LANGUAGES,
        help="that the page begins with (default: TLTUTOR_LANG, or en)",
    )
    parser.add_argument("--force", action="store_true", help="replace OUT if it exists")
    run.add_training(parser, words, SEEDS)


def execute(arguments: argparse.Namespace) -> int:
    """Record what is missing, and write the page."""
    if arguments.language:
        language(arguments.language)
    try:
        out, publication = study.check_out(arguments.out), publication_of(arguments)
    except (ValueError, TypeError) as error:
        raise flags.UsageError(str(error)) from error
    if out.exists() and not arguments.force:
        raise FileExistsError(f"{arguments.out} exists already: add --force to replace it")
    with tqdm(unit="run", disable=None, leave=False) as bar:
        for done, total in study.recording_all(publication, arguments.jobs):
            bar.total = total
            bar.update(done - bar.n)
    written = study.write(publication, out, arguments.title)
    size, runs = written.stat().st_size / 1e6, len(publication.places)
    print(
        f"written to {written}: {runs} runs, {size:.2f} MB; {publication.folder} keeps the recordings"
    )
    return 0


def publication_of(arguments: argparse.Namespace) -> study.Publication:
    """Return the publication that the command line asks for. Errors: ValueError, TypeError."""
    plan = plan_of(
        run.experiment_of(arguments),
        arguments.objective,
        arguments.grid,
        seeds=arguments.seeds or SEEDS.default,
    )
    out = Path(arguments.out).expanduser()
    folder = Path(arguments.runs).expanduser() if arguments.runs else study.folder_beside(out)
    return study.Publication(plan, folder, arguments.projection, arguments.frames or FRAMES.default)
