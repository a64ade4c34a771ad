"""A sweep's result as text and as JSON; both say how the choice was made, and name the oracle as what it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tltutor.evaluation.comparison import JUDGED_BY, Spread
from tltutor.evaluation.sweep.journal import Trial, check_same
from tltutor.evaluation.sweep.plan import Plan
from tltutor.evaluation.sweep.result import SweepResult, setting_text
from tltutor.evaluation.table import gain_text
from tltutor.experiment.experiment import SOURCE_ONLY
from tltutor.files import check_place, replacing
from tltutor.metrics.judges import JUDGES

ALL = "all methods"
ORACLE = "oracle, by the target's labels"  # begins the lines that show it, which a terminal dims
SUFFIX, JOURNAL = ".json", ".journal"
NARROWEST = 10
IWA = "IWA, the weighted sum"


def journal_beside(out: Path) -> Path:
    """Return the file of the trials that belongs to this result file."""
    return out.with_suffix(JOURNAL)


def check_out(plan: Plan, out: Path) -> None:
    """Refuse a result file that could not be written, or would replace something else. Errors: ValueError, OSError."""
    if out.suffix != SUFFIX:
        raise ValueError(
            f"the result of a sweep must be a {SUFFIX} file, got {str(out)!r}: name it sweep{SUFFIX}"
        )
    check_place(out, "sweep")
    if not out.exists() or not out.stat().st_size:
        return
    try:
        about = json.loads(out.read_text("utf-8"))["about"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{out} must be the result of a sweep, and is something else: choose another file"
        ) from error
    check_same(plan.about(), about, out)
    if not journal_beside(out).exists():
        raise ValueError(
            f"the result {out} is here without its trials, {journal_beside(out).name}: choose another file, or put it beside"
        )


def write(result: SweepResult, out: Path) -> None:
    """Write the result as JSON, as a whole or not at all."""
    with replacing(out, "sweep") as part:
        part.write_text(json.dumps(as_json(result), indent=2) + "\n", "utf-8")


# --- JSON


def as_json(result: SweepResult) -> dict[str, Any]:
    """Return the result as plain values: what was asked, every trial, the choices, and the oracle's under its own name."""
    plan = result.plan
    names: tuple[str | None, ...] = (None, *plan.objectives)
    gains = {name: gain.as_json() for name in plan.objectives if (gain := result.gain(name))}
    return {
        "format": plan.about()["format"],
        "about": plan.about(),
        "grid": plan.grid(),
        "choose": plan.choose,
        "no_target_label_was_used_to_choose": True,
        "complete": result.complete,
        "found": {name or ALL: _found(result, name) for name in names},
        "gain": {"over": SOURCE_ONLY, "of": JUDGED_BY, "by_method": gains} if gains else None,
        "iwa": _summed(result),
        "trials": [_trial(result, trial) for trial in result.trials],
    }


def _found(result: SweepResult, objective: str | None) -> dict[str, Any]:
    """Return the choice, the oracle and the regret for one method or all; and what each other judge would have chosen."""
    judges = {
        name: {
            "choice": _named(result.choice(objective, name)),
            "regret": _numbers(result.regret(objective, name)),
        }
        for name in result.plan.judges
    }
    return {
        "choice": _named(result.choice(objective)),
        "oracle": {
            "choice": _named(result.oracle(objective)),
            "regret": _numbers(result.regret(objective)),
        },
        "judges": judges,
    }


def _summed(result: SweepResult) -> dict[str, Any] | None:
    """Return IWA's sum, which selects nothing; its accuracy is told as the oracle's is."""
    found = result.summed()
    if found is None:
        return None
    return {
        "settings": found.settings,
        "coefficients": [list(c) for c in found.coefficients],
        "oracle": {"target_accuracy": _numbers(found.accuracy)},
    }


def _named(trial: Trial | None) -> dict[str, Any] | None:
    return None if trial is None else {"objective": trial.objective, "setting": dict(trial.setting)}


def _numbers(spread: Spread | None) -> dict[str, Any] | None:
    if spread is None:
        return None
    return {"mean": spread.mean, "sd": spread.sd, "values": list(spread.values)}


def _trial(result: SweepResult, trial: Trial) -> dict[str, Any]:
    return {
        "objective": trial.objective,
        "setting": dict(trial.setting),
        "state": trial.state,
        "scores": {name: _numbers(result.score(trial, name)) for name in result.plan.judges},
        "collapsed": [seed for seed, run in trial.runs.items() if run.collapsed],
        "failed": {str(seed): run.failed for seed, run in trial.runs.items() if run.failed},
        "seconds": sum(run.seconds for run in trial.runs.values()),
        "oracle": {"target_accuracy": _numbers(result.accuracy(trial))},
    }


# --- text


def as_text(result: SweepResult) -> str:
    """Return the table: for each method, and over all, the chosen setting, and under it the oracle's."""
    plan = result.plan
    names: tuple[str | None, ...] = (
        *plan.objectives,
        *([None] if len(plan.objectives) > 1 else []),
    )
    rows = [row for name in names for row in _rows(result, name)]
    if summed := result.summed():
        rows.append((IWA, f"no choice: {summed.settings} settings", "", _cell(summed.accuracy), ""))
    heading = ("", "setting", plan.choose, "target accuracy", "regret")
    widths = [max(NARROWEST, *map(len, column)) for column in zip(heading, *rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in (heading, *rows)]
    gains = [
        f"{name} minus {SOURCE_ONLY}, as chosen: {gain_text(gain)}"
        for name in plan.objectives
        if (gain := result.gain(name))
    ]
    blocks = ([_header(result)], lines, gains, _footer(result))
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _rows(result: SweepResult, objective: str | None) -> list[tuple[str, ...]]:
    """Return two rows, the choice and the oracle."""
    choice, oracle = result.choice(objective), result.oracle(objective)
    chosen = (
        (objective or ALL, "none can be chosen", "", "", "")
        if choice is None
        else (
            objective or ALL,
            _setting(choice, objective),
            _cell(result.score(choice)),
            _cell(result.accuracy(choice)),
            _cell(result.regret(objective)),
        )
    )
    best = (
        []
        if oracle is None
        else [(ORACLE, _setting(oracle, objective), "", *_best(result, oracle))]
    )
    return [chosen, *best]


def _best(result: SweepResult, oracle: Trial) -> tuple[str, str]:
    return _cell(result.accuracy(oracle)), ""


def _setting(trial: Trial, objective: str | None) -> str:
    text = setting_text(trial.setting)
    return text if objective else f"{trial.objective}, {text}"


def _cell(spread: Spread | None) -> str:
    if spread is None:
        return "-"
    return f"{spread.mean:.3f}" + ("" if spread.sd is None else f" ± {spread.sd:.3f}")


def _header(result: SweepResult) -> str:
    plan = result.plan
    done = sum(trial.is_done for trial in result.trials)
    search = (
        "every setting of the grid" if plan.search.name == "grid" else f"{plan.search.name} search"
    )
    steps = f"{plan.experiment.steps} steps"
    return f"{plan.pair_name}, {plan.experiment.network} network, {steps}, {search}: {done} of {len(result.trials)} settings done"


def _footer(result: SweepResult) -> list[str]:
    """Say how the choice was made, what the judge's limits are, and which settings could not be chosen."""
    plan, judge = result.plan, JUDGES[result.plan.choose]
    seeds = ", ".join(map(str, plan.seeds))
    chosen = (
        f"Chosen: the best mean {plan.choose} ({judge.title}; {judge.paper}) over the seeds {seeds}, on the"
        f" {plan.validation:.0%} of the source that no run trained on. No target label was used."
    )
    lines = [chosen, f"Its limits: {judge.limits}", "Mean ± standard deviation over the seeds."]
    if any(result.accuracy(trial) for trial in result.trials):
        lines.append(
            "The oracle looks at the target's labels: it is no choice. Regret is what the choice lacks to it."
        )
    if result.summed():
        lines.append(
            "IWA (Dinu et al., 2023) adds up the answers of all settings, with weights that need no target label."
        )
    out = [trial for trial in result.trials if trial.state == "pruned"]
    collapsed = sum(any(run.collapsed for run in trial.runs.values()) for trial in out)
    if out:
        lines.append(
            f"{len(out)} settings cannot be chosen: {collapsed} answer one class alone with some seed, the others were left"
            " early or diverged."
        )
    running = sum(trial.state == "running" for trial in result.trials)
    if running:
        lines.append(
            f"{running} settings are begun and not finished: the same sweep goes on with them."
        )
    return lines
