"""The text of docs/photos.md: the tables of `benchmarks.photos`, and how to read them."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import report

PROBE = "linear probe"
COLUMNS = (PROBE, "coral", "ot_class", "ot_linear", "ot_sinkhorn", "target-only")
SEEDS = 3
TITLES = {
    "pacs": "PACS",
    "office-caltech": "Office-Caltech-10",
    "mobilenet_v2": "MobileNetV2",
    "squeezenet1_0": "SqueezeNet 1.0",
}
INTRODUCTION = """\
Accuracy on held-out target pictures, mean ± standard deviation over the seeds 0, 1 and 2, each of which draws the split (30 % of each
domain judge), the batches and a new head. Pictures have {size} pixels a side, the trunk has ImageNet's weights. Every method runs at its
defaults, at the last step. No target label chose a row, a step or a setting; *target-only* alone learns from target labels and is the
ceiling.

{runs} of {of} runs are measured, the quickest first. A dash (–) is not measured; a number in brackets has fewer seeds; tables without a
number are left out. The command measures what is missing, and resumes where it was stopped:

    {command}

Time, as a multiple of a linear probe's with the making of its features, which the other rows share (medians of a machine that others used
too): {times}.

The pictures are samples of the published sets (data/README.md), of {size} pixels: compare rows with each other, not with papers.
"""
FROZEN = """\
The trunk is frozen; logistic regression (C = .01) learns on its features, standardized by the source. The *linear probe* is source-only
and sees no target picture (a true zero). CORAL and optimal transport see target pictures without labels. *Target-only* is the ceiling."""
ITSELF = """\
A/A: the source's two halves, between which there is no shift, by the linear probe; chance is {chance}. *Middle hidden*: the same
with a gray square of {hidden:.0%} of the side in the middle of every picture. There is no mask of the objects: what a square leaves is
mostly background, with an object's rim. What the probe still knows then is what a classifier may learn without the object."""
TRAINED = """\
Training goes on from the linear probe (*new head* alone does not) for {steps} steps in batches of {batch_size}, SGD at {lr:g}, chosen by
{chosen}. The stages before the last one are frozen, but for *all stages*. Rows above the line see no target picture: source-only is
*probe, then last stage*, and to it the others must be compared. L2-SP is fine-tuned on the source near ImageNet's weights.
*+ target statistics* lets target pictures feed the last stage's BatchNorm; SqueezeNet has none."""
CHOSEN = "the held-out source of art painting → cartoon and another seed, among .01, .003, … .0001"
SEES_NO_TARGET = (
    "new head, last stage",
    "probe, then last stage",
    "l2-sp",
    "probe, then all stages",
)
LABELS = {
    "source-only-target-bn": "+ target statistics",
    "l2-sp": "L2-SP",
    "dann": "DANN",
    "cdan": "CDAN",
    "mcc": "MCC",
    "shot": "SHOT",
    "coral": "CORAL",
    "ot_linear": "linear OT",
    "ot_sinkhorn": "OT",
    "ot_class": "class OT",
}
CHANCE = {"pacs": ".143", "office-caltech": ".100"}

Row = Mapping[str, Any]


def as_text(result: Mapping[str, Any]) -> str:
    """Return the report: for each set the frozen rows, A/A and hidden middles, then the trained rows, then what they show."""
    rows, trunks = result["rows"], result["trunks"]
    parts = [
        "# Pictures: photographs, paintings, drawings",
        "",
        INTRODUCTION.format(**result | {"times": _times(result["times"])}),
    ]
    for photos in dict.fromkeys(row["photos"] for row in rows):
        parts += ["", f"## {TITLES[photos]}: frozen features"]
        tables = [(network, mine) for network in trunks if (mine := of(rows, photos, network))]
        parts += ["", FROZEN] if tables else []
        for network, mine in tables:
            parts += ["", f"{TITLES[network]}:", "", frozen_table(mine)]
        hidden = max(row["hidden"] for row in rows)
        parts += ["", ITSELF.format(chance=CHANCE[photos], hidden=hidden), ""]
        parts += [itself_table([row for row in rows if row["photos"] == photos], list(trunks))]
    for network, trunk in trunks.items():
        mine = [row for row in rows if row["network"] == network and is_trained(row)]
        if not any(is_whole(row) for row in mine):
            continue
        about = TRAINED.format(chosen=CHOSEN, **trunk)
        parts += ["", f"## {TITLES[network]}: trained stages", "", about, "", trained_table(mine)]
    parts += ["", "## What it shows", "", *conclusions(rows, list(trunks))]
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    machine = "{system} {processor}, Python {python}".format(**result["machine"])
    return "\n".join([*parts, "", f"Measured with {versions}; {machine}."])


def _times(times: Mapping[str, float]) -> str:
    """Return how long each kind of row on frozen features took, as a text."""
    return ", ".join(
        f"{LABELS[name]} {times[name]:.1f}" for name in COLUMNS if name in times and name in LABELS
    )


def of(rows: Sequence[Row], photos: str, network: str) -> list[Row]:
    """Return the rows on frozen features between two domains."""
    return [
        row
        for row in rows
        if row["photos"] == photos
        and row["network"] == network
        and row["source"] != row["target"]
        and not is_trained(row)
    ]


def is_trained(row: Row) -> bool:
    return row["row"] not in COLUMNS


def is_whole(row: Row) -> bool:
    """Whether the row has every seed."""
    return len(row["seeds"]) == SEEDS


def _way(row: Row) -> str:
    return f"{row['source']} → {row['target']}"


def _table(rows: Sequence[Row], down: Any, across: Any) -> str:
    """Return a table of cells by two names of each row."""
    cells = {(down(row), across(row)): _cell(row) for row in rows}
    columns = list(dict.fromkeys(across(row) for row in rows))
    lines = [
        [name, *(cells.get((name, column), "–") for column in columns)]
        for name in dict.fromkeys(down(row) for row in rows)
    ]
    return report.table(["", *columns], lines)


def _cell(row: Row) -> str:
    text = report.cell(row)
    return text if is_whole(row) else f"({text})"


def _label(row: Row) -> str:
    return LABELS.get(row["row"], row["row"])


def frozen_table(rows: Sequence[Row]) -> str:
    """Return accuracies with a line for each direction, a column for each method, and their means last."""
    rows = sorted(rows, key=lambda row: COLUMNS.index(row["row"]))
    table = _table(rows, _way, _label)
    by_method: dict[str, list[float]] = {}
    for row in rows:
        by_method.setdefault(_label(row), []).append(row["mean"])
    ways = len({_way(row) for row in rows})
    means = [
        f"{statistics.fmean(v):.3f}".removeprefix("0") if len(v) == ways else "–"
        for v in by_method.values()
    ]
    return "\n".join([table, f"| **mean of {ways}** | " + " | ".join(means) + " |"])


def itself_table(rows: Sequence[Row], networks: Sequence[str]) -> str:
    """Return the A/A rows: a line for each domain, for each network the whole pictures and those with a hidden middle."""
    alike = [row for row in rows if row["source"] == row["target"]]

    def column(row: Row) -> str:
        return f"{TITLES[row['network']]}, {'middle hidden' if row['hidden'] else 'A/A'}"

    ordered = sorted(alike, key=lambda row: (networks.index(row["network"]), row["hidden"]))
    return _table(ordered, lambda row: row["source"], column)


def trained_table(rows: Sequence[Row]) -> str:
    """Return accuracies with a line for each method, those first that see no target picture, and a column for each direction."""
    ordered = sorted(rows, key=lambda row: row["row"] not in SEES_NO_TARGET)
    return _table(ordered, _label, lambda row: f"{row['photos']}: {_way(row)}")


def conclusions(rows: Sequence[Row], networks: Sequence[str]) -> list[str]:
    """Return what each method gains over its source-only, over directions (at least two) where both have every seed."""
    said = []
    for network in networks:
        for trained, plain in ((False, PROBE), (True, "probe, then last stage")):
            mine = [
                row
                for row in rows
                if row["network"] == network
                and row["source"] != row["target"]
                and row["row"] != "target-only"
                and (is_trained(row) == trained or row["row"] == plain)
                and is_whole(row)
            ]
            names = [n for n in dict.fromkeys(row["row"] for row in mine) if n != plain]
            base = {(row["photos"], _way(row)): row for row in mine if row["row"] == plain}
            gains = [text for name in names if (text := _gain(mine, name, base))]
            if gains:
                said.append(
                    f"- {TITLES[network]}, against *{plain}*, in points of accuracy, mean over directions (worst direction;"
                    f" directions that lose): {'; '.join(gains)}."
                )
    return said


def _gain(rows: Sequence[Row], name: str, base: Mapping[Any, Row]) -> str:
    gains = [
        100 * (row["mean"] - base[row["photos"], _way(row)]["mean"])
        for row in rows
        if row["row"] == name and (row["photos"], _way(row)) in base
    ]
    if len(gains) < 2:
        return ""
    lost = sum(gain < 0 for gain in gains)
    label = LABELS.get(name, name)
    return f"{label} {statistics.fmean(gains):+.1f} ({min(gains):+.1f}; {lost} of {len(gains)})"
