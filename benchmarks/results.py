"""Write docs/results.json from the digits' ledger, and docs/results.md from it: tables, marks, and what is missing."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scipy import stats

from benchmarks import report
from benchmarks.ledger import Ledger
from benchmarks.plan import GIVEN, PLAIN, Case, Row, Run, cases, rows_of
from tltutor.evaluation.comparison import CEILING
from tltutor.objectives import OBJECTIVES

COMMAND = "python -m benchmarks.digits"
CHOSEN = "last step; no target label used for any choice, but for how long `mnist->mnist-m` is trained (see its settings)"
FAR = 0.05  # below the baseline (`Row.base`) by more than this on all pairs is a defect until shown otherwise
SURE = 0.05  # above the baseline only where a paired t-test over the seeds gives a smaller p,
ENOUGH = 3  # and there are so many of them
MARKS = {"far below": "▼▼", "below": "▼", "above": "▲", "": ""}
NOT_PLANNED: Mapping[str, Any] = {"seeds": [], "planned_seeds": [], "failed": {}}
NUMBERS = ("target_accuracy", "source_accuracy", "core_seconds")


def collect(ledger: Ledger) -> dict[str, Any]:
    """Return the numbers, and everything that is needed to read and reproduce them."""
    measured = [_case(case, ledger) for case in cases()]
    about = {"command": COMMAND, "chosen": CHOSEN, "measured_with": _measured_with(ledger)}
    given = {name: given.text for name, given in GIVEN.items()}
    done, planned = (
        sum(len(row[part]) for case in measured for row in case["rows"])
        for part in ("seeds", "planned_seeds")
    )
    result = {
        **about,
        "given": given,
        "measured_runs": done,
        "planned_runs": planned,
        "cases": measured,
    }
    plain: dict[str, Any] = json.loads(json.dumps(result))  # as read back from the file
    return plain


def _measured_with(ledger: Ledger) -> list[dict[str, Any]]:
    """Return the versions and processors of the numbers, with the number of runs of each, most first."""
    keys = [
        Run(case, row, seed).key for case in cases() for row in rows_of(case) for seed in case.seeds
    ]
    counts = Counter(
        json.dumps(ledger.measured_with(key), sort_keys=True) for key in keys if key in ledger
    )
    return [{**json.loads(text), "runs": runs} for text, runs in counts.most_common()]


def _case(case: Case, ledger: Ledger) -> dict[str, Any]:
    rows = {row: _measured(case, row, ledger) for row in rows_of(case)}
    described = [
        _describe(case, row, found) | against(found, rows.get(row.base(case), {}))
        for row, found in rows.items()
    ]
    left_out = sorted(OBJECTIVES.keys() - {row.method for row in rows})
    about = {
        **case.settings,
        "name": case.name,
        "note": case.note,
        "seeds": list(case.seeds),
        "why": case.why,
        "embedded": case.embedded,
    }
    return about | {"rows": described, "not_run": left_out}


def _measured(case: Case, row: Row, ledger: Ledger) -> dict[int, dict[str, Any]]:
    """Return the measurement of each seed."""
    keys = {seed: Run(case, row, seed).key for seed in case.seeds}
    return {seed: ledger[key] for seed, key in keys.items() if key in ledger}


def _describe(case: Case, row: Row, found: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    sound = [one for one in found.values() if "failed" not in one]
    numbers = {
        name: report.spread([one[name] for one in sound if name in one])
        for name in NUMBERS
        if sound and name in sound[0]
    }
    failed = {str(seed): one["failed"] for seed, one in found.items() if "failed" in one}
    about = {
        "method": row.method,
        "given": row.given,
        "seeds": list(found),
        "planned_seeds": list(case.seeds),
        "failed": failed,
    }
    return about | {"settings": Run(case, row, case.seeds[0]).key["settings"]} | numbers


def against(
    found: Mapping[int, Mapping[str, Any]], base: Mapping[int, Mapping[str, Any]]
) -> dict[str, Any]:
    """The mean difference to the baseline over the seeds that both have, the paired t-test's p, and the mark; {} where there is none."""
    both = [
        seed
        for seed in found
        if "target_accuracy" in found[seed] and "target_accuracy" in base.get(seed, {})
    ]
    if not both or found is base:
        return {}
    ours, theirs = ([side[seed]["target_accuracy"] for seed in both] for side in (found, base))
    difference = sum(a - b for a, b in zip(ours, theirs, strict=True)) / len(both)
    p = _p(ours, theirs)
    return {
        "against": {"difference": difference, "p": p, "seeds": both, "mark": mark(difference, p)}
    }


def _p(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """Return the two-sided p of a paired t-test; None for too few seeds, or if all differences are equal."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the nan says it
        p = float(stats.ttest_rel(ours, theirs).pvalue) if len(ours) >= ENOUGH else float("nan")
    return None if p != p else p  # noqa: PLR0124 - nan alone differs from itself


def mark(difference: float, p: float | None) -> str:
    """A word for where a method lies against its baseline: a key of MARKS."""
    if difference < -FAR:
        return "far below"
    if difference < 0:
        return "below"
    return "above" if difference > 0 and p is not None and p < SURE else ""


def own_rows(result: Mapping[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    """method -> case -> its difference to its baseline, in each method's first setting, the one it is made for; the ceiling is none."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for case in result["cases"]:
        own: dict[str, dict[str, Any]] = {}
        for row in case["rows"]:
            own.setdefault(row["method"], row)
        for method, row in own.items():
            if "against" in row and method != CEILING:
                found.setdefault(method, {})[case["name"]] = row["against"]
    return found


def far_below_everywhere(result: Mapping[str, Any]) -> list[str]:
    """Methods that lie more than FAR below their baseline on every pair that they were measured on."""
    return [
        m
        for m, by_pair in own_rows(result).items()
        if {one["mark"] for one in by_pair.values()} == {"far below"}
    ]


def above_nowhere(result: Mapping[str, Any]) -> list[str]:
    """Methods that are not surely above their baseline on any pair, though one has seeds enough."""
    tested = {
        m: [one["mark"] for one in by_pair.values() if len(one["seeds"]) >= ENOUGH]
        for m, by_pair in own_rows(result).items()
    }
    return [method for method, marks in tested.items() if marks and "above" not in marks]


# --- the report

WHY = {  # what is known of why a method gains nothing here
    "fixmatch": "what is sure and wrong is taught on. On each embedded pair, on average over the seeds, more of its answers are sure than"
    " of the baseline's, and fewer of the sure ones are right ([sureness.md](sureness.md)).",
    "gradual": "no domain lies between source and target here: it is one leap of self-training.",
    "mean-teacher": "its consistency term, averaged over a run, rounds to .0000 on all three embedded pairs ([sureness.md](sureness.md))."
    " French et al. (2018) train for hundreds of epochs with stronger augmentation.",
    "dsbn": "it equals DANN here, because every row has separate BatchNorm statistics; DANN itself is significantly above on one embedded"
    " pair.",
    "multi-task": "to reconstruct both domains, the features must keep the appearance of an image, and with it the domain.",
    "adabn": "see below.",
    "distillation": "it compresses a teacher that was trained on the source only; nothing in it aligns the domains.",
    "fitnets": "as distillation.",
    "attention": "as distillation.",
    "pada": "it repairs what alignment breaks if the target lacks classes: compare it with `dann` on that pair.",
}


def as_text(result: Mapping[str, Any]) -> str:
    """Return docs/results.md: how the numbers were measured, the tables, what is below source-only, what is missing."""
    embedded, real = (
        [case for case in result["cases"] if case["embedded"] is kind] for kind in (True, False)
    )
    parts = [
        "# Every method on the digit pairs",
        _introduction(result),
        "## The embedded pairs: every method",
        _table(embedded),
        _given(result),
        "## The real pairs",
        _table(real),
        *(_not_run(case) for case in real[:1]),
        "## Against the baseline",
        _lists(result),
        "## Settings",
        *map(_settings, result["cases"]),
        _circumstances(result),
    ]
    return "\n\n".join(parts)


def _introduction(result: Mapping[str, Any]) -> str:
    whole = result["measured_runs"] == result["planned_runs"]
    state = (
        ""
        if whole
        else f" **{result['measured_runs']} of {result['planned_runs']} runs are measured**; the command resumes with the rest."
    )
    return (
        "Accuracy on held-out target images at the last step, mean ± standard deviation over the seeds. No target label selected anything\n"
        "except the length of training on `mnist->mnist-m` (see Settings). The second column says what a method is given in addition to\n"
        "the labeled source and the unlabeled target.\n\n"
        f"```\n{result['command']}\n```\n\n"
        "`source-only` sees no target image, in training or in judging. `source-only-target-bn` trains alike, but is judged with the\n"
        "target's own BatchNorm statistics, as every method is where the network has BatchNorm: it is the baseline that the methods\n"
        "are held against there, so that a mark tells of the method and not of the statistics. It is held against `source-only`\n"
        "itself; without BatchNorm, so is every method.\n\n"
        "▼ below the baseline, ▼▼ more than .05 below, ▲ above it with p < .05 in a paired t-test over three seeds or more (each pair for\n"
        "itself: of forty tests without any effect two come out so). A number in brackets says how many seeds there are, where it is\n"
        "not all."
        f"{state}"
    )


def _table(group: Sequence[Mapping[str, Any]]) -> str:
    rows = dict.fromkeys((row["method"], row["given"]) for case in group for row in case["rows"])
    found = {
        (case["name"], row["method"], row["given"]): row for case in group for row in case["rows"]
    }
    lines = []
    for method, given in rows:
        of_pairs = [found.get((case["name"], method, given), NOT_PLANNED) for case in group]
        lines.append(
            [
                f"`{method}`",
                "" if given == PLAIN else given,
                *map(_cell, of_pairs),
                _seconds(
                    row for case, row in zip(group, of_pairs, strict=True) if not case["note"]
                ),
            ]
        )
    return report.table(["method", "given", *(case["name"] for case in group), "seconds"], lines)


def _cell(row: Mapping[str, Any]) -> str:
    """Format as .812 ± .013 ▼ (3): accuracy, mark, number of seeds if some are missing; "" if nothing is planned."""
    if not row["planned_seeds"]:
        return ""
    short = f"({len(row['seeds'])})" if 0 < len(row["seeds"]) < len(row["planned_seeds"]) else ""
    failed = f"{len(row['failed'])} failed" if row["failed"] else ""
    return " ".join(
        filter(
            None,
            [
                report.cell(row.get("target_accuracy")),
                MARKS[row.get("against", {}).get("mark", "")],
                short,
                failed,
            ],
        )
    )


def _seconds(rows: Iterable[Mapping[str, Any]]) -> str:
    means = [row["core_seconds"]["mean"] for row in rows if "core_seconds" in row]
    return f"{sum(means) / len(means):.1f}" if means else "–"


def _given(result: Mapping[str, Any]) -> str:
    lines = [f"- {name}: {text}." for name, text in result["given"].items() if name != PLAIN]
    return "\n".join(
        [
            "Given:",
            "",
            *lines,
            "",
            "Rows with two sources, or half the classes, are held against the baseline on that same pair. Seconds are those of one core",
            "for one seed, without the training of a network that is given; the mean over the pairs.",
        ]
    )


def _not_run(case: Mapping[str, Any]) -> str:
    names = ", ".join(f"`{name}`" for name in case["not_run"])
    return (
        f"Run on the embedded pairs only, because a seed of the real pairs takes minutes: {names}."
    )


def _lists(result: Mapping[str, Any]) -> str:
    far, nowhere = far_below_everywhere(result), above_nowhere(result)
    return "\n\n".join(
        [
            f"More than .05 below the baseline on every pair that was measured: {_names(far)}.",
            f"On no pair surely (▲) above the baseline, of those with three seeds on some pair: {_names(nowhere)}.",
            "\n".join(f"- `{name}`: {WHY[name]}" for name in nowhere if name in WHY),
            (
                "`adabn` does nothing but take the target's BatchNorm statistics: it differs from `source-only-target-bn` only by taking\n"
                "them over all of the target at once, after the training."
            ),
        ]
    )


def _names(methods: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in methods) or "none"


def _settings(case: Mapping[str, Any]) -> str:
    options = {**case["options"], **case["network_options"]}
    own = ", ".join(f"{name} {value}" for name, value in options.items())
    batchnorm = (
        f" {case['batchnorm']} BatchNorm (source-only: the source's),"
        if case["network_options"]["batchnorm"]
        else ""
    )
    return (
        f"{case['name']}: {case['network']} ({own}), {case['steps']} steps, batches of {case['batch_size']} + {case['batch_size']},"
        f" learning rate {case['lr']:g},{batchnorm} seeds {', '.join(map(str, case['seeds']))}."
        f" {case['why']}"
    )


def _circumstances(result: Mapping[str, Any]) -> str:
    with_ = "; ".join(_machine(one) for one in result["measured_with"]) or "nothing yet"
    return (
        "Each method runs at its defaults, which are the paper's where its file says so; [results.json](results.json) has all settings and"
        f" every seed's numbers. Measured with {with_}; one thread per run."
    )


def _machine(one: Mapping[str, Any]) -> str:
    """Return one machine's versions and the number of its runs."""
    versions = ", ".join(f"{name} {version}" for name, version in one.items() if name != "runs")
    return f"{versions or 'unknown versions'} ({one['runs']} runs)"
