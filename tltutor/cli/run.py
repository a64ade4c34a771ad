"""`tltutor run`: train source-only, a method and target-only over seeds, then print a table or JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from tltutor.cli import flags
from tltutor.domains.registry import PAIRS, pair_names
from tltutor.evaluation import comparison, table
from tltutor.evaluation.recorder import Recorder
from tltutor.events import Stepped
from tltutor.experiment import Experiment
from tltutor.experiment.experiment import SOURCE_ONLY
from tltutor.files import check_place, replacing
from tltutor.networks.backbones import PRETRAINED
from tltutor.networks.registry import network_record
from tltutor.objectives import find_objective
from tltutor.projections import PROJECTIONS
from tltutor.settings import Setting, check_name
from tltutor.training.options import (
    FREEZE_DEPTH,
    GRADIENT_CLIP,
    LR,
    OPTIMIZER,
    OPTIONS,
    SCHEDULE,
    SNAPSHOT_SIZE,
    STEPS,
    WARMUP,
)

SEEDS = Setting(
    "seeds",
    3,
    1,
    1000,
    "int",
    live=False,
    text="Number of seeds; each draws the data, the network and the batches.",
)
FIRST = Setting("first_seed", 0, 0, 1_000_000, "int", live=False, text="The first of the seeds.")
PRETRAIN = Setting(
    "pretrain",
    0,
    0,
    1_000_000,
    "int",
    unit="steps",
    live=False,
    text="Train source-only for this many steps first; tent and adabn: --steps unless given.",
)
EVERY = Setting(
    "record_every",
    1,
    1,
    1_000_000,
    "int",
    unit="steps",
    live=False,
    text="Steps between two snapshots.",
)
SESSION = tuple(
    setting for setting in OPTIONS.values() if setting not in (STEPS, SNAPSHOT_SIZE)
)  # options of every row
OF_THE_NETWORK = (
    FREEZE_DEPTH,
    LR,
    OPTIMIZER,
    SCHEDULE,
    WARMUP,
    GRADIENT_CLIP,
)  # where they are not given, the network has its own defaults
_BEGINS = f"; a torchvision network then begins at --freeze with all its stages and --lr {PRETRAINED.lr:g}"


def add_arguments(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Declare PAIR and the flags; if the words contain --objective NAME, also the settings of that objective."""
    parser.add_argument(
        "pair",
        metavar="PAIR",
        help=f"one of {', '.join(pair_names())}; with --help, its options are listed",
    )
    parser.add_argument(
        "--objective",
        metavar="NAME",
        required=True,
        help="the method; `tltutor objectives` lists them",
    )
    _add_settings(parser, words)
    flags.add_flag(parser, FIRST)
    add_training(parser, words)
    parser.add_argument(
        "--json", metavar="FILE", help="also write the results as JSON; - prints JSON alone"
    )
    _add_record(parser)


def add_training(
    parser: argparse.ArgumentParser, words: Sequence[str], seeds: Setting = SEEDS
) -> None:
    """Declare what is alike in every run: steps, seeds, the session's options, the network, the pair's options, the device."""
    for setting in (STEPS, PRETRAIN, seeds, *SESSION):
        if setting is not FREEZE_DEPTH:
            flags.add_flag(parser, setting)
    flags.add_flag(parser, FREEZE_DEPTH, "--freeze", "--freeze-depth")
    parser.add_argument(
        "--network",
        metavar="NAME",
        help="the network (default: lenet for images, mlp for vectors, bert for tokens)",
    )
    parser.add_argument(
        "--weights",
        metavar="FILE|imagenet|FOLDER",
        help=f"start from these weights instead of random ones{_BEGINS}",
    )
    parser.add_argument(
        "--network-option",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="e.g. channels=16,32",
    )
    parser.add_argument(
        "--option", metavar="KEY=VALUE", action="append", default=[], help=_option_help(words)
    )
    parser.add_argument("--data-dir", metavar="FOLDER", help="folder of the downloaded data sets")
    parser.add_argument(
        "--device", default="auto", help="auto, cpu, cuda or mps (default: %(default)s)"
    )


def _add_record(parser: argparse.ArgumentParser) -> None:
    """Declare --record and its options."""
    group = parser.add_argument_group("a recording, for `tltutor export`")
    text = "record the method's first seed with a live map to this .npz file (snapshots take time, which its seconds then include)"
    group.add_argument("--record", metavar="FILE.npz", help=text)
    group.add_argument(
        "--projection",
        metavar="NAME",
        help=f"the recording's map: {', '.join(PROJECTIONS)} (default tsne)",
    )
    group.add_argument(
        "--record-every",
        type=flags.checked(EVERY),
        metavar="N",
        help="steps between two snapshots (default: about 200 snapshots)",
    )


def _add_settings(parser: argparse.ArgumentParser, words: Sequence[str]) -> None:
    """Declare --weight and the settings of the objective that the words name."""
    name = _objective_among(words)
    if name is None:
        return
    try:
        objective = find_objective(name)
    except ValueError as error:
        parser.error(str(error))
    group = parser.add_argument_group(f"settings of {objective.title}")
    for setting in objective.declared():
        flags.add_flag(group, setting)


def _option_help(words: Sequence[str]) -> str:
    """Return the help on the options of the pair that the words name."""
    options = [option for word in words if word in PAIRS for option in PAIRS[word].options]
    listed = "; ".join(f"{option.name}: {flags.describe(option)}" for option in options)
    return f"an option of the pair, e.g. severity=0.5. {listed}".strip()


def _objective_among(words: Sequence[str]) -> str | None:
    early = argparse.ArgumentParser(add_help=False, exit_on_error=False, allow_abbrev=False)
    early.add_argument("--objective")
    try:
        name: str | None = early.parse_known_args(words)[0].objective
    except argparse.ArgumentError:
        return None
    return name


def execute(arguments: argparse.Namespace) -> int:
    """Compare, print and write; results that are complete are printed also if the rest is stopped or fails."""
    try:
        asked, recorder = comparison_of(arguments), recorder_of(arguments)
    except (ValueError, TypeError) as error:
        raise flags.UsageError(str(error)) from error
    check_writable(arguments.json)
    if recorder is not None:
        recorder.check_writable()
    heard: list[Any] = []
    try:
        with tqdm(
            total=len(asked.seeds) * len(asked.rows) * asked.experiment.steps,
            unit="step",
            disable=None,
            leave=False,
        ) as bar:
            for fact in comparison.compare(asked, recorder.watch if recorder else None):
                _show(fact, bar, heard)
    finally:
        report_recording(recorder)
        if any(isinstance(fact, comparison.Judged) for fact in heard):
            report(asked, heard, arguments.json)
    return 0


def comparison_of(arguments: argparse.Namespace) -> comparison.Comparison:
    """Return the comparison that the command line asks for. Errors: ValueError."""
    given = {name: value for name, value in vars(arguments).items() if value is not None}
    objective = find_objective(arguments.objective)
    first = given.get("first_seed", FIRST.default)
    values = _named(given, "weight", *(s.name for s in objective.settings))
    return comparison.Comparison(
        replace(experiment_of(arguments), objective=objective.name, values=values),
        tuple(range(first, first + given.get("seeds", SEEDS.default))),
    )


def experiment_of(arguments: argparse.Namespace) -> Experiment:
    """Return what is alike in every run, with source-only for an objective. Errors: ValueError."""
    given = {name: value for name, value in vars(arguments).items() if value is not None}
    network_given = network_options(arguments.network, arguments.network_option)
    return Experiment(
        pair=pair_name(arguments.pair),
        objective=SOURCE_ONLY,
        network=given.get("network", "auto"),
        pair_options=pair_options(arguments.pair, arguments.option) | _named(given, "data_dir"),
        network_options=network_given | _named(given, "weights"),
        session_options=session_options(given) | {"device": arguments.device},
        pretrain=arguments.pretrain,
    )


def session_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the session's options, with defaults for those that were not given; of some the network has its own."""
    options = (STEPS, *SESSION)
    defaults = {s.name: s.default for s in options if s not in OF_THE_NETWORK}
    return defaults | _named(given, *(s.name for s in options))


def _named(given: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return those of the given values that have one of these names."""
    return {name: given[name] for name in names if name in given}


def pair_name(word: str) -> str:
    """Return the word if it names a pair. Errors: ValueError, also for a name that the shell cut at its >."""
    cut = [name for name in pair_names() if word.endswith("-") and name.startswith(f"{word}>")]
    if cut:
        raise ValueError(
            f"no pair is called {word!r}: put the name in quotes, such as '{cut[0]}', because the shell takes > for a redirection"
            " (it has made a file named after what follows the >)"
        )
    return check_name(word, pair_names(), what="pair")


def recorder_of(arguments: argparse.Namespace) -> Recorder | None:
    """Return the recorder that the command line asks for, or None. Errors: ValueError."""
    if arguments.record is None:
        if arguments.projection or arguments.record_every:
            raise ValueError(
                "--projection and --record-every need --record FILE.npz, got none: only a recording has a map"
            )
        return None
    projection = check_name(arguments.projection or "tsne", PROJECTIONS, what="projection")
    return Recorder(
        arguments.record,
        projection,
        arguments.record_every,
        options=pair_options(arguments.pair, arguments.option),
    )


def report_recording(recorder: Recorder | None) -> None:
    """Print where the recording is and how to replay it, if it has a frame."""
    if recorder is not None and recorder.recording.frame_count:
        file, frames = recorder.path, recorder.recording.frame_count
        page = file.with_suffix(".html").name
        print(
            f"recorded {frames} frames to {file}; to replay them: tltutor export {file} {page}",
            file=sys.stderr,
        )


def pair_options(pair: str, words: Sequence[str]) -> dict[str, Any]:
    """Return KEY=VALUE words as the pair's options, each checked by its declaration."""
    record = PAIRS[pair_name(pair)]
    return flags.parse_options(
        words, {option.name: option for option in record.options}, what=f"option of {pair!r}"
    )


def network_options(network: str | None, words: Sequence[str]) -> dict[str, Any]:
    """Return KEY=VALUE words as the network's options. Errors: ValueError without the network's name."""
    if words and network is None:
        raise ValueError(
            "--network-option needs --network NAME, got none: each network has its own options"
        )
    known = {option.name: option for option in network_record(network).options} if network else {}
    return flags.parse_options(words, known, what=f"option of {network!r}")


def check_writable(file: str | None) -> None:
    """Raise an OSError before the training if the results cannot be written."""
    if file is not None and file != "-":
        check_place(Path(file), "result")


def _show(fact: Any, bar: tqdm[Any], heard: list[Any]) -> None:
    """Move the bar with each step; store the other facts, and print each result at once on stderr."""
    if isinstance(fact, Stepped):
        bar.update()
        return
    heard.append(fact)
    if isinstance(fact, comparison.Began):
        bar.set_description(f"{fact.row}, seed {fact.seed}")
    elif isinstance(fact, comparison.Judged):
        numbers = ", ".join(
            f"{name.replace('_', ' ')} {value:.3f}" for name, value in fact.numbers.items()
        )
        bar.write(
            f"{fact.row}, seed {fact.seed}: {numbers} ({fact.seconds:.0f} s)", file=sys.stderr
        )


def report(asked: comparison.Comparison, heard: Sequence[Any], file: str | None) -> None:
    """Print the table, or JSON alone for "-"; then write the JSON file, if one was asked for."""
    if file != "-":
        print(table.as_text(asked, heard))
    write_json(table.as_json(asked, heard), file)


def write_json(result: Mapping[str, Any], file: str | None) -> None:
    """Write the result to stdout for "-", to the file if one is named."""
    text = json.dumps(result, indent=2)
    if file == "-":
        print(text)
    elif file is not None:
        with replacing(file, "result") as part:
            part.write_text(text + "\n", "utf-8")
        print(f"written to {file}")
