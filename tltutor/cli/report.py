"""`tltutor report SOURCE TARGET OUT.html`: what can be known of two domains without a label of the target, as one page."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from tltutor.cli import flags
from tltutor.domains.reading import LABEL, SIZE, SUFFIXES
from tltutor.evaluation import report as study
from tltutor.evaluation.report.trunk import AUTO
from tltutor.evaluation.sweep.plan import USABLE
from tltutor.language import LANGUAGES, language
from tltutor.settings import Setting
from tltutor.training.options import STEPS

PLACES = f"a folder of images, or a {', '.join(SUFFIXES)} file"
SIDE = Setting(
    "size",
    SIZE,
    8,
    256,
    "int",
    unit="px",
    text="Height and width of images; photographs that a trunk sees have 96.",
    live=False,
)
MOST = Setting(
    "most", study.MOST, study.FEWEST, 100_000, "int", text="Examples of each domain, drawn by seed."
)
SEEDS = Setting("seeds", study.SEEDS, 1, 100, "int", text="Seeds of each method.", live=False)


def add_arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Declare SOURCE, TARGET and OUT, how they are read, what is tried, and the language."""
    add_domains(parser)
    parser.add_argument("out", metavar="OUT.html", help="the page to write")
    parser.add_argument(
        "--methods",
        metavar="NAME,NAME",
        default=",".join(study.METHODS),
        help="what is tried beside source-only (default: %(default)s)",
    )
    parser.add_argument(
        "--choose",
        metavar="JUDGE",
        default=study.JUDGE,
        help=f"the judge that chooses: {', '.join(USABLE)} (default: %(default)s)",
    )
    parser.add_argument(
        "--trunk",
        metavar="NAME",
        default=AUTO,
        help="a network with ImageNet's weights on whose frozen features the methods train, none, or auto: for photographs, one"
        " whose weights are on this machine (default: %(default)s)",
    )
    for setting in (replace(STEPS, default=study.STEPS), SEEDS, MOST):
        flags.add_flag(parser, setting)
    parser.add_argument(
        "--language", choices=LANGUAGES, help="of the page (default: TLTUTOR_LANG, or en)"
    )
    parser.add_argument("--force", action="store_true", help="replace OUT if it exists")


def add_domains(parser: argparse.ArgumentParser) -> None:
    """Declare SOURCE and TARGET, and how they are read."""
    parser.add_argument("source", metavar="SOURCE", help=f"labeled examples: {PLACES}")
    parser.add_argument(
        "target", metavar="TARGET", help="unlabeled examples of the same kind; labels are not read"
    )
    parser.add_argument(
        "--label",
        metavar="COLUMN",
        default=LABEL,
        help="column or key that holds the class (default: %(default)s)",
    )
    flags.add_flag(parser, SIDE)


def execute(arguments: argparse.Namespace) -> int:
    """Read, test, train, write the page, and print its summary."""
    if arguments.language:
        language(arguments.language)
    try:
        out = study.check_out(arguments.out)
    except ValueError as error:
        raise flags.UsageError(str(error)) from error
    if out.exists() and not arguments.force:
        raise FileExistsError(f"{arguments.out} exists already: add --force to replace it")
    with tqdm(unit="part", disable=None, leave=False) as bar:

        def move(what: str, done: int, total: int) -> None:
            bar.set_description(what)
            bar.total = total
            bar.update(done - bar.n)

        found = study.report(
            Path(arguments.source),
            Path(arguments.target),
            methods=arguments.methods,
            judge=arguments.choose,
            label=arguments.label,
            size=arguments.size,
            trunk=arguments.trunk,
            seeds=arguments.seeds or SEEDS.default,
            steps=arguments.steps or study.STEPS,
            most=arguments.most or MOST.default,
            on_progress=move,
        )
    print(found)
    print(f"written to {found.save(out)} ({out.stat().st_size / 1e6:.2f} MB)")
    return 0
