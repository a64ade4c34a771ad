"""A report on one's own two domains: is there a shift, of which kind, would a method help, and how sure is all that?

No label of the target is looked at, even where it has some.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tltutor.domains import Domain, DomainPair, find_leaks, load_pair
from tltutor.domains.reading import LABEL, SIZE, read_pair
from tltutor.domains.splits import split_domain
from tltutor.evaluation.evidence import VALIDATION
from tltutor.evaluation.report import methods as trying
from tltutor.evaluation.report import shift as shifts
from tltutor.evaluation.report import trunk as trunks
from tltutor.evaluation.report.found import Found
from tltutor.evaluation.report.methods import chosen
from tltutor.evaluation.report.page import page, summary
from tltutor.evaluation.sweep.plan import USABLE
from tltutor.experiment.experiment import SOURCE_ONLY
from tltutor.files import check_place, replacing
from tltutor.objectives import find_objective
from tltutor.settings import check_name

__all__ = ["METHODS", "Found", "Report", "check_out", "report"]

METHODS = ("coral", "dann", "mcc")  # of three families: statistics, a discriminator, sure answers
JUDGE = "information"
SHOWN = 8  # most typical examples
LISTED = 12  # features or words that differ most
MOST = 2000  # examples of each domain
FEWEST = 20  # examples of a domain: with fewer, no test says anything
STEPS, SEEDS, BATCH = 300, 2, 32
FOR_TEXTS = {
    "optimizer": "adamw",
    "lr": 0.003,
}  # hashed words are sparse: most weights get few gradients
SMALL = {"channels": (16, 32), "width": 64}  # of the network for images


class Report:
    """What was found of two domains (`found`), as a page: `save(path)`; a notebook shows it, `print` gives the summary."""

    def __init__(self, found: Found) -> None:
        self.found = found

    def html(self) -> str:
        """Return the page, in the current language; it needs no network and no other file."""
        return page(self.found)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the page as a whole or not at all. Errors: ValueError for another suffix than .html; OSError."""
        out = check_out(path)
        with replacing(out, "report") as part:
            part.write_text(self.html(), "utf-8")
        return out

    def _repr_html_(self) -> str:
        from html import escape

        return f'<iframe srcdoc="{escape(self.html())}" style="width:100%;height:80vh;border:0"></iframe>'

    def __str__(self) -> str:
        return "\n".join(f"{title}: {text}" for title, text in summary(self.found))


def check_out(path: str | os.PathLike[str]) -> Path:
    """Return the path if a report could be written there. Errors: ValueError for another suffix; OSError."""
    out = Path(path).expanduser()
    if out.suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"a report must be an .html file, got {str(path)!r}: name it report.html")
    check_place(out, "report")
    return out


def report(
    source: str | Path | Domain | DomainPair,
    target: str | Path | Domain | None = None,
    *,
    methods: str | Sequence[str] = METHODS,
    seeds: int = SEEDS,
    steps: int = STEPS,
    judge: str = JUDGE,
    label: str = LABEL,
    size: int | None = None,
    trunk: str = trunks.AUTO,
    most: int = MOST,
    seed: int = 0,
    on_progress: Callable[[str, int, int], object] = lambda *_: None,
) -> Report:
    """Return what can be known of a labeled source and a target without labels; `.save("report.html")` writes the page.

    source: a pair, a pair's name, or, with `target`, a domain, a folder of images or a file (see `tl.domains.read_pair`, also
    for label and size; photographs in folders are read at 96 pixels if a trunk is found, else at 32). trunk: "auto", "none" or a
    network's name: the methods train on the frozen features of a network with ImageNet's weights (see `trunk.trunk_for`).
    methods: what is tried beside source-only, each over so many `seeds` of so many `steps`; judge: which
    judge of `tl.metrics.judges` chooses. most: of a larger domain so many examples are drawn by seed. on_progress(what, done,
    all) is called as parts end.
    Errors: ValueError, TypeError and OSError in one sentence: no labels of the source, one class, fewer than 20 examples.
    """
    start = time.perf_counter()
    names = _checked(methods, seeds, judge)
    side = size or _side(source, trunk)
    pair = without_labels(_pair(source, target, label, side, seed), most, seed)
    name = trunks.trunk_for(pair, trunk)
    total = 1 + seeds * len(names)
    on_progress("tests", 0, total)
    tests = _tests(pair, seed)
    runs = []
    seen = trunks.seen_by(name, pair) if name else pair
    for run in tried(seen, names, seeds=seeds, steps=steps):
        runs.append(run)
        on_progress(run.method, len(runs), total)
    rows = [trying.row_of([run for run in runs if run.method == name]) for name in names]
    found = Found(
        pair.source,
        pair.target,
        **tests,
        **_by_shares(pair, runs, seed),
        **_answers(runs, chosen(rows, judge)),
        rows=rows,
        judge=judge,
        seeds=tuple(range(seeds)),
        steps=steps,
        trunk=name,
        seconds=time.perf_counter() - start,
    )
    on_progress("summary", total, total)
    return Report(found)


# --- what is asked for


def _checked(methods: str | Sequence[str], seeds: int, judge: str) -> tuple[str, ...]:
    """Return source-only and the methods' names. Errors: ValueError."""
    words = methods.split(",") if isinstance(methods, str) else list(methods)
    found = [find_objective(word.strip()) for word in words]
    for objective in found:
        if "labeled" in objective.batches:
            raise ValueError(
                f"a report tries methods that need no label of the target, got {objective.name!r}: leave it out"
            )
    if isinstance(seeds, bool) or seeds not in range(1, 101):
        raise ValueError(
            f"seeds must be a whole number between 1 and 100, got {seeds!r}: 2 is usual"
        )
    check_name(judge, USABLE, what="judge")
    return tuple(dict.fromkeys((SOURCE_ONLY, *(objective.name for objective in found))))


def _side(source: Any, trunk: str) -> int:
    """Return the pixels of a side to which images are read: more of photographs, if a trunk is to see them."""
    wanted = trunk != trunks.NONE and isinstance(source, str | Path)
    if not (wanted and trunks.holds_photographs(source)):
        return SIZE
    return trunks.SIZE if trunk != trunks.AUTO or trunks.found_trunk() else SIZE


def _pair(source: Any, target: Any, label: str, size: int, seed: int) -> DomainPair:
    """Return the pair of what was given. Errors: those of reading."""
    if isinstance(source, DomainPair) and target is None:
        return source
    if isinstance(source, Domain) and isinstance(target, Domain):
        return DomainPair(source, target.without_labels(), name=f"{source.name}->{target.name}")
    if isinstance(source, str | Path) and isinstance(target, str | Path):
        return read_pair(source, target, label=label, size=size)
    if isinstance(source, str) and target is None:
        return load_pair(source, seed=seed)
    raise TypeError(
        f"a report takes a pair, or a source and a target, got {type(source).__name__} and {type(target).__name__}:"
        " give two domains, two folders or two files"
    )


def without_labels(pair: DomainPair, most: int, seed: int) -> DomainPair:
    """Return source and target alone, of at most `most` examples, without the target's labels. Errors: ValueError."""
    for domain in (pair.source, pair.target):
        if len(domain) < FEWEST:
            raise ValueError(
                f"a report needs at least {FEWEST} examples of each domain, got {len(domain)} of {domain.name!r}: add more"
            )
    if pair.source.y is None:
        raise ValueError(
            f"the source must have labels, and {pair.source.name!r} has none: give Domain(..., y)"
        )
    rng = np.random.default_rng(seed)
    source, target = (
        domain.take(np.sort(rng.permutation(len(domain))[:most]))
        for domain in (pair.source, pair.target)
    )
    return DomainPair(source, target.without_labels(), name=pair.name)


# --- what is found


def tried(
    pair: DomainPair, methods: Sequence[str], *, seeds: int, steps: int
) -> Iterator[trying.Trained]:
    """Train each method with each seed on the report's small network, and yield the judged runs.

    pair: without the target's labels; a trunk's features (`trunk.seen_by`) in place of photographs.
    """
    network = SMALL if pair.source.is_image else {}
    options = {"steps": steps, "batch_size": BATCH, **(FOR_TEXTS if pair.source.texts else {})}
    return trying.trained(pair, methods, range(seeds), network, **options)


def _tests(pair: DomainPair, seed: int) -> Mapping[str, Any]:
    """Return what needs no network: the tests, copies, and the examples and features that show the difference."""
    xs, xt = shifts.reduced(shifts.rows_of(pair.source), shifts.rows_of(pair.target), seed)
    train, held = split_domain(pair.source, VALIDATION, seed=seed)
    return {
        "aa": shifts.against_itself(xs, seed),
        "shift": shifts.compared(xs, xt, seed),
        "between": find_leaks(pair.source, pair.target),
        "within": find_leaks(train, held),
        "typical": shifts.typical(xs, xt, SHOWN, seed),
        "differences": shifts.largest_differences(pair.source, pair.target, LISTED),
    }


def _by_shares(pair: DomainPair, runs: Sequence[trying.Trained], seed: int) -> Mapping[str, Any]:
    """Return the classes' estimated shares, and the tests of a source that was redrawn with them."""
    y = pair.source.y
    assert y is not None  # noqa: S101 - checked with the pair
    shares = trying.shares_of(runs, y, len(pair.class_names))
    rows = np.empty(0, int) if shares is None else trying.drawn_with_shares(y, shares.em, seed)
    if len(rows) < FEWEST:
        return {"shares": shares, "reshared": None, "reshared_count": len(rows)}
    xs, xt = shifts.reduced(
        shifts.rows_of(pair.source.take(rows)), shifts.rows_of(pair.target), seed
    )
    return {
        "shares": shares,
        "reshared": shifts.compared(xs, xt, seed),
        "reshared_count": len(rows),
    }


def _answers(runs: Sequence[trying.Trained], choice: trying.Row | None) -> Mapping[str, Any]:
    """Return the chosen method's answers to the target, the mean of its seeds, and how sure they are."""
    method = SOURCE_ONLY if choice is None else choice.method
    known = [run.answers for run in runs if run.method == method and not run.failed]
    if not known:
        raise ValueError(
            "no network could be trained on these domains, all runs diverged: bring the inputs to a common scale of about 1"
        )
    p = np.mean(known, axis=0)
    return {"answers": p.argmax(1), "sureness": p.max(1)}
