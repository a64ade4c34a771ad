"""Format a comparison's results as text and as JSON; both describe how the numbers were measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tltutor
from tltutor.evaluation.comparison import (
    CEILING,
    SCRATCH,
    TARGET_STATISTICS,
    Began,
    Comparison,
    Judged,
    Omitted,
    Spread,
    gain_of,
    judged_by,
    spreads,
)
from tltutor.evaluation.gain import Gain
from tltutor.experiment import Experiment
from tltutor.experiment.experiment import LIVE_OF_SESSION, SOURCE_ONLY
from tltutor.objectives import find_objective
from tltutor.training.options import OPTIONS

UNUSUAL = (
    "optimizer",
    "schedule",
    "warmup",
    "momentum",
    "weight_decay",
    "gradient_clip",
    "target_order",
    "augment",
    "precision",
)  # named if they differ from their defaults


def chosen(comparison: Comparison) -> str:
    """Describe which weights were evaluated, which target labels were used, and how the method's network was pretrained."""
    experiment, objective = comparison.experiment, find_objective(comparison.method)
    labeled = "labeled" in objective.batches
    labels = (
        "the labeled target examples trained it, no other target label was used"
        if labeled
        else "no target label used"
    )
    before = experiment.pretrained_by
    start = (
        f"; {objective.name} continued from {experiment.pretraining_steps} steps of {before}"
        if before
        else ""
    )
    return f"last step; {labels}{start}"


def as_json(comparison: Comparison, heard: Sequence[Any]) -> dict[str, Any]:
    """Return the results with everything that is needed to read and reproduce them; `heard` is what `compare` yielded."""
    experiment = comparison.experiment
    judged = [fact for fact in heard if isinstance(fact, Judged)]
    began = next(fact for fact in heard if isinstance(fact, Began))
    network_options = dict(experiment.network_options)
    weights = network_options.pop("weights", None)
    gain = gain_of(comparison, judged)
    return {
        "tltutor": tltutor.__version__,
        "pair": experiment.pair,
        "options": _options(experiment),
        "objective": comparison.method,
        "settings": _settings(experiment),
        "weight": experiment.values.get("weight"),
        "network": began.network,
        "network_options": network_options,
        "weights": weights,
        "pretrain": experiment.pretraining_steps,
        "seeds": list(comparison.seeds),
        **experiment.session_options,
        "freeze_depth": began.freeze_depth,
        "lr": began.lr,
        "device": began.device,
        "chosen": chosen(comparison),
        "complete": len(judged)
        == len(comparison.seeds) * (len(comparison.rows) - len(omitted(heard))),
        "omitted": omitted(heard),
        "results": {
            row: {name: _spread(s) for name, s in numbers.items()}
            for row, numbers in spreads(judged).items()
        },
        "gain": None
        if gain is None
        else {"over": SOURCE_ONLY, "of": judged_by(judged), **gain.as_json()},
    }


def _options(experiment: Experiment) -> dict[str, Any]:
    """Return the pair's options without the machine's data folder."""
    return {name: value for name, value in experiment.pair_options.items() if name != "data_dir"}


def _settings(experiment: Experiment) -> dict[str, Any]:
    """Return the objective's own settings."""
    return {name: value for name, value in experiment.values.items() if name not in LIVE_OF_SESSION}


def _spread(spread: Spread) -> dict[str, Any]:
    return {"mean": spread.mean, "sd": spread.sd, "values": list(spread.values)}


def omitted(heard: Sequence[Any]) -> dict[str, str]:
    """Return why each omitted row was left out."""
    return {fact.row: fact.why for fact in heard if isinstance(fact, Omitted)}


def as_text(comparison: Comparison, heard: Sequence[Any]) -> str:
    """Return the table, one line per row, and below it how to read it."""
    judged = [fact for fact in heard if isinstance(fact, Judged)]
    found, gain, score = spreads(judged), gain_of(comparison, judged), judged_by(judged)
    columns = (score, score.replace("target", "source"), "seconds")
    lines = [
        _header(comparison, heard),
        "",
        _line("", [name.replace("_", " ") for name in columns]),
    ]
    lines += [
        _line(row.replace("-", " "), [_cell(numbers, name) for name in columns])
        for row, numbers in found.items()
    ]
    lines += [f"{row.replace('-', ' ')}: left out, {why}" for row, why in omitted(heard).items()]
    if gain is not None:
        name = f"{comparison.method.replace('-', ' ')} minus source only"
        lines += ["", f"{name}, {score.replace('_', ' ')}: {gain_text(gain)}"]
    return "\n".join([*lines, "", _footer(comparison, heard, found)])


def gain_text(gain: Gain) -> str:
    """Return the mean difference, its interval over the seeds and the verdict in one line."""
    spread = (
        ""
        if gain.low is None or gain.high is None
        else f", {gain.level:.0%} interval {gain.low:+.3f} to {gain.high:+.3f}"
        f" (t, paired over {len(gain.seeds)} seeds)"
    )
    return f"{gain.mean:+.3f}{spread}: {gain.verdict}" + (f"; {gain.why}" if gain.why else "")


def _header(comparison: Comparison, heard: Sequence[Any]) -> str:
    experiment = comparison.experiment
    began = next(fact for fact in heard if isinstance(fact, Began))
    session = experiment.session_options
    shown = {**_options(experiment), **experiment.network_options, **_settings(experiment)}
    options = [f"{name}={value}" for name, value in shown.items() if name != "weights"]
    parts = [str(experiment.pair), began.network, *options, f"{experiment.steps} steps"]
    parts += [
        f"batches {session['batch_size']}+{session['batch_size']}",
        f"learning rate {began.lr:g}",
    ]
    parts += [f"freeze depth {began.freeze_depth}", f"{session['batchnorm']} BatchNorm"]
    parts += [
        f"{name}={session[name]}"
        for name in UNUSUAL
        if session.get(name, OPTIONS[name].default) != OPTIONS[name].default
    ]
    return ", ".join([*parts, began.device])


def _footer(
    comparison: Comparison, heard: Sequence[Any], found: dict[str, dict[str, Spread]]
) -> str:
    seeds, counts = (
        comparison.seeds,
        {row: len(numbers["seconds"].values) for row, numbers in found.items()},
    )
    which = f"Seeds {seeds[0]} to {seeds[-1]}" if len(seeds) > 1 else f"Seed {seeds[0]}"
    lines = [
        f"{which}: mean ± standard deviation; the same networks and batches in every row.",
        f"Chosen: {chosen(comparison)}.",
    ]
    if TARGET_STATISTICS in found:
        lines.append(
            "Source only sees no target image; source only target bn uses them for the BatchNorm statistics of the target."
        )
    if SCRATCH in found:
        lr = next(fact.lr for fact in heard if isinstance(fact, Began) and fact.row == SCRATCH)
        lines.append(
            f"From scratch is {comparison.method} on the same target labels and steps from random weights, nothing frozen,"
            f" at the learning rate {lr:g}."
        )
    if CEILING in found:
        lines.append("Target only is the ceiling: it trains on all target labels.")
    lines += [
        f"{row}: only {n} of {len(seeds)} seeds." for row, n in counts.items() if n < len(seeds)
    ]
    return "\n".join(lines)


def _line(name: str, cells: Sequence[str]) -> str:
    return f"{name:<22}" + "".join(f"{cell:>18}" for cell in cells)


def _cell(numbers: dict[str, Spread], name: str) -> str:
    spread = numbers.get(name)
    if spread is None:
        return "-"
    digits = 1 if name == "seconds" else 3
    return f"{spread.mean:.{digits}f}" + ("" if spread.sd is None else f" ± {spread.sd:.{digits}f}")
