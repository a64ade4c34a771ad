"""The results of a comparison as a table for people and as JSON for programs; both say how the numbers came about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tltutor
from tltutor.evaluation.comparison import (
    CEILING,
    SCRATCH,
    TARGET_STATISTICS,
    Began,
    Judged,
    Omitted,
    Recipe,
    Spread,
    goes_on_from,
    spreads,
    steps_before,
)
from tltutor.objectives import find_objective
from tltutor.training.options import OPTIONS

COLUMNS = ("target_accuracy", "source_accuracy", "seconds")
UNUSUAL = ("optimizer", "schedule", "warmup", "momentum", "weight_decay", "gradient_clip")  # named where not at their defaults


def chosen(recipe: Recipe) -> str:
    """How the judged weights were chosen, which target labels took part, and what the method's network was trained with before."""
    objective = find_objective(recipe.objective)
    labeled = "labeled" in objective.batches
    labels = "the labeled target examples trained it, no other target label was used" if labeled else "no target label used"
    before = goes_on_from(recipe, objective)
    start = f"; {objective.name} went on from {steps_before(recipe)} steps of {before}" if before else ""
    return f"last step; {labels}{start}"


def as_json(recipe: Recipe, heard: Sequence[Any]) -> dict[str, Any]:
    """Everything that is needed to read the numbers, and to get them again."""
    judged = [fact for fact in heard if isinstance(fact, Judged)]
    began = next(fact for fact in heard if isinstance(fact, Began))
    return {
        "tltutor": tltutor.__version__,
        "pair": recipe.pair,
        "options": dict(recipe.options),
        "objective": recipe.objective,
        "settings": dict(recipe.settings),
        "weight": recipe.weight,
        "network": began.network,
        "network_options": dict(recipe.network_options),
        "weights": recipe.weights,
        "pretrain": steps_before(recipe) if goes_on_from(recipe, find_objective(recipe.objective)) else 0,
        "steps": recipe.steps,
        "seeds": list(recipe.seeds),
        **recipe.session,
        "device": began.device,
        "chosen": chosen(recipe),
        "complete": len(judged) == len(recipe.seeds) * (len(recipe.rows) - len(omitted(heard))),
        "omitted": omitted(heard),
        "results": {row: {name: _spread(s) for name, s in numbers.items()} for row, numbers in spreads(judged).items()},
    }


def _spread(spread: Spread) -> dict[str, Any]:
    return {"mean": spread.mean, "sd": spread.sd, "values": list(spread.values)}


def omitted(heard: Sequence[Any]) -> dict[str, str]:
    """row -> why it was left out."""
    return {fact.row: fact.why for fact in heard if isinstance(fact, Omitted)}


def as_text(recipe: Recipe, heard: Sequence[Any]) -> str:
    """The table with one line a row, and below it how to read it."""
    found = spreads(fact for fact in heard if isinstance(fact, Judged))
    lines = [_header(recipe, heard), "", _line("", [name.replace("_", " ") for name in COLUMNS])]
    lines += [_line(row.replace("-", " "), [_cell(numbers, name) for name in COLUMNS]) for row, numbers in found.items()]
    lines += [f"{row.replace('-', ' ')}: left out, {why}" for row, why in omitted(heard).items()]
    return "\n".join([*lines, "", _footer(recipe, found)])


def _header(recipe: Recipe, heard: Sequence[Any]) -> str:
    began = next(fact for fact in heard if isinstance(fact, Began))
    session = recipe.session
    options = [f"{k}={v}" for k, v in {**recipe.options, **recipe.network_options, **recipe.settings}.items()]
    parts = [recipe.pair, began.network, *options, f"{recipe.steps} steps"]
    parts += [f"batches {session['batch_size']}+{session['batch_size']}", f"learning rate {session['lr']:g}"]
    parts += [f"freeze depth {session['freeze_depth']}", f"{session['batchnorm']} BatchNorm"]
    parts += [f"{name}={session[name]}" for name in UNUSUAL if session.get(name, OPTIONS[name].default) != OPTIONS[name].default]
    return ", ".join([*parts, began.device])


def _footer(recipe: Recipe, found: dict[str, dict[str, Spread]]) -> str:
    counts = {row: len(numbers["seconds"].values) for row, numbers in found.items()}
    seeds = f"Seeds {recipe.seeds[0]} to {recipe.seeds[-1]}" if len(recipe.seeds) > 1 else f"Seed {recipe.seeds[0]}"
    lines = [
        f"{seeds}: mean ± standard deviation; the same networks and batches in every row.",
        f"Chosen: {chosen(recipe)}.",
    ]
    if TARGET_STATISTICS in found:
        lines.append("Source only sees no target image; source only target bn sees them to normalize the target (BatchNorm).")
    if SCRATCH in found:
        lines.append(f"From scratch is {recipe.objective} on the same target labels and steps from random weights, nothing frozen.")
    if CEILING in found:
        lines.append("Target only is the ceiling: it trains on all target labels.")
    lines += [f"{row}: only {n} of {len(recipe.seeds)} seeds." for row, n in counts.items() if n < len(recipe.seeds)]
    return "\n".join(lines)


def _line(name: str, cells: Sequence[str]) -> str:
    return f"{name:<22}" + "".join(f"{cell:>18}" for cell in cells)


def _cell(numbers: dict[str, Spread], name: str) -> str:
    spread = numbers.get(name)
    if spread is None:
        return "-"
    digits = 1 if name == "seconds" else 3
    return f"{spread.mean:.{digits}f}" + ("" if spread.sd is None else f" ± {spread.sd:.{digits}f}")
