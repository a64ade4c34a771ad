"""`tltutor export RUN OUT`: export a recorded run as a page, an animation or a picture, by OUT's suffix."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from tltutor.cli.flags import UsageError
from tltutor.export import KINDS, check_suffix, export
from tltutor.recording import Recording


def add_arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Declare RUN, OUT, --frame and --force."""
    kinds = "; ".join(f"{suffix}: {text}" for suffix, text in KINDS.items())
    parser.add_argument(
        "run",
        metavar="RUN",
        help="a recording, as `tltutor run … --record RUN` or recording.save writes it",
    )
    parser.add_argument("out", metavar="OUT", help=f"the file to write. {kinds}")
    parser.add_argument(
        "--frame",
        type=int,
        metavar="N",
        help=".png and .svg: the frame to draw, from 0; -1 is the last (default -1)",
    )
    parser.add_argument("--force", action="store_true", help="replace OUT if it exists")


def execute(arguments: argparse.Namespace) -> int:
    """Read the recording, write the export, and print its size."""
    try:
        suffix = check_suffix(arguments.out)
    except ValueError as error:
        raise UsageError(str(error)) from error
    if arguments.frame is not None and suffix not in (".png", ".svg"):
        raise UsageError(
            f"--frame chooses the frame of a .png or .svg, got it with {suffix}: leave it out"
        )
    if Path(arguments.out).exists() and not arguments.force:
        raise FileExistsError(f"{arguments.out} exists already: add --force to replace it")
    recording = Recording.load(arguments.run)
    frame = -1 if arguments.frame is None else arguments.frame
    with tqdm(unit="picture", disable=None, leave=False) as bar:
        written = export(
            recording,
            arguments.out,
            frame=frame,
            on_progress=lambda done, total: _move(bar, done, total),
        )
    print(f"written to {written} ({written.stat().st_size / 1e6:.2f} MB)")
    return 0


def _move(bar: tqdm[None], done: int, total: int) -> None:
    bar.total = total
    bar.update(done - bar.n)
