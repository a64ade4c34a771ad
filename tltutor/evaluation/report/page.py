"""The report as one page that needs no network: every value from the data is escaped by the template."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from tltutor.domains import Domain
from tltutor.evaluation.report import words
from tltutor.evaluation.report.found import Found
from tltutor.evaluation.report.shift import Shift, Test
from tltutor.experiment.experiment import SOURCE_ONLY
from tltutor.language import language, tr
from tltutor.metrics.judges import JUDGES
from tltutor.templates import rendered
from tltutor.thumbnails import thumbnails

TEMPLATE = Path(__file__).with_name("page.html.j2")
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
PIXELS = 64  # largest side of a picture in the page
OF_A_CLASS = 6  # examples of each class and domain
CLASSES = 20  # that are shown with their examples
PAIRS = 6  # of copies
LETTERS = 160  # of a text
GRAY = 1  # channels


def summary(found: Found) -> list[tuple[str, str]]:
    """Return the report's four questions with their answers."""
    return words.summary(found)


def page(found: Found) -> str:
    """Return the page's text, in the current language."""
    judges = list(dict.fromkeys(name for row in found.rows for name in row.scores))
    return rendered(
        TEMPLATE,
        language=language(),
        policy=POLICY,
        t=_labels(),
        source=found.source.name,
        target=found.target.name,
        sizes=_sizes(found),
        answers=words.summary(found),
        aa=words.about_aa(found),
        tests=_tests(found),
        copies=words.about_copies(found),
        twins=_twins(found),
        classes=_classes(found),
        typical=_typical(found),
        differences=_differences(found),
        shares_text=words.about_shares(found),
        of_classes=_of_classes(found),
        chosen=_title(found),
        methods=_methods(found, judges),
        judges=[_judge(found, name) for name in judges],
        methods_text=words.about_methods(found),
        expected_text=words.about_expected(),
        limits=words.limits(found),
    )


def _labels() -> dict[str, str]:
    """Return the page's fixed words."""
    return {
        "title": tr("Two domains: a report"),
        "source": tr("source"),
        "target": tr("target"),
        "tests": tr("Is there a shift?"),
        "tests about": tr(
            "Each test is made on principal components of the inputs, and compared with the same test after the domains' names"
            " were shuffled: the band is where 95 % of these lie."
        ),
        "probe": tr("Domain probe"),
        "mmd": tr("MMD²"),
        "compared": tr("compared"),
        "there": tr("What is there"),
        "class": tr("class"),
        "examples": tr("examples"),
        "by em": tr("target, by EM"),
        "by bbse": tr("target, by BBSE"),
        "typical": tr("What is typical of the difference"),
        "typical about": tr(
            "The probe, which never saw the example that it judges, is surest of these. If it is a frame, a logo or a background"
            " that they share, the shift lies there."
        ),
        "feature": tr("feature or word"),
        "by class": tr("Class by class"),
        "by class about": tr(
            "Left examples of the source, drawn at random; right target examples to which {method} gives that class, the surest"
            " first. A row that looks wrong tells more than any number."
        ),
        "none": tr("none"),
        "help": tr("Would a method help?"),
        "method": tr("method"),
        "on source": tr("source accuracy"),
        "expected": tr("expected target accuracy"),
        "judges": tr("All judges"),
        "judges about": tr("In each row the best is marked; only the colored row decides."),
        "cannot": tr("What this report cannot know"),
        "chosen": tr("chosen"),
        "one class": tr("answers one class alone"),
    }


def _sizes(found: Found) -> str:
    shape = " × ".join(map(str, found.source.shape))
    return tr(
        "{n} labeled examples of the source in {k} classes, {m} unlabeled ones of the target, {shape} values each. No label of the"
        " target was looked at. Made in {seconds} s by tltutor.",
        n=len(found.source),
        k=len(found.source.class_names),
        m=len(found.target),
        shape=shape,
        seconds=f"{found.seconds:.0f}",
    )


def _title(found: Found) -> str:
    return words.title_of(SOURCE_ONLY if found.choice is None else found.choice.method)


# --- tests


def _tests(found: Found) -> list[dict[str, Any]]:
    """Return a row for each comparison that was tested."""
    rows = [
        (tr("source with itself (A/A)"), found.aa),
        (tr("source with target"), found.shift),
    ]
    if found.reshared is not None:
        rows.append((tr("source with the target's estimated shares"), found.reshared))
    scale = _scale([shift.mmd for _, shift in rows])
    return [_test_row(name, shift, scale) for name, shift in rows]


def _test_row(name: str, shift: Shift, scale: tuple[float, float]) -> dict[str, Any]:
    return {
        "name": name,
        "probe": _gauge(shift.probe, (0.35, 1.0), words.percent(shift.probe.value)),
        "mmd": _gauge(shift.mmd, scale, f"{shift.mmd.value:.4f}"),
    }


def _scale(tests: Sequence[Test]) -> tuple[float, float]:
    """Return ends of an axis on which all of these fit."""
    low, high = min(min(t.low, t.value) for t in tests), max(max(t.high, t.value) for t in tests)
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin


def _gauge(test: Test, ends: tuple[float, float], text: str) -> dict[str, Any]:
    """Return where band and value lie on the axis, in percent of its length."""
    at = [100 * (v - ends[0]) / (ends[1] - ends[0]) for v in (test.low, test.high, test.value)]
    low, high, value = (min(max(v, 0.0), 100.0) for v in at)
    return {
        "low": f"{low:.1f}",
        "width": f"{max(high - low, 0.6):.1f}",
        "at": f"{value:.1f}",
        "text": text,
        "p": words.p_value(test),
        "found": test.significant,
    }


# --- examples


def _typical(found: Found) -> list[dict[str, Any]]:
    both = ((found.source, found.typical.source), (found.target, found.typical.target))
    alike = ((found.source, found.typical.alike_source), (found.target, found.typical.alike_target))
    titles = [
        tr("most typical of the source"),
        tr("most typical of the target"),
        tr("source, taken for the target"),
        tr("target, taken for the source"),
    ]
    return [
        {"title": title, "shown": _shown(domain, rows)}
        for title, (domain, rows) in zip(titles, (*both, *alike), strict=True)
        if domain.is_image or domain.texts
    ]


def _differences(found: Found) -> list[dict[str, str]]:
    """Return the features in standard deviations, or the words in percent of the texts, that differ most."""
    words_of_texts = bool(found.source.texts)
    return [
        {
            "name": name,
            "source": words.percent(s) if words_of_texts else f"{s:+.2f} σ",
            "target": words.percent(t) if words_of_texts else f"{t:+.2f} σ",
        }
        for name, s, t in found.differences
    ]


def _twins(found: Found) -> list[list[dict[str, str]]]:
    """Return a few target examples beside their twins in the source."""
    rows = list(zip(found.between.trained_rows, found.between.held_rows, strict=True))[:PAIRS]
    return [
        [*_shown(found.source, [a]), *_shown(found.target, [b])]
        for a, b in rows
        if found.source.is_image or found.source.texts
    ]


def _of_classes(found: Found) -> list[dict[str, Any]]:
    """Return for each class examples of the source, and of the target those that are taken for it."""
    source, target = found.source, found.target
    if not (source.is_image or source.texts) or source.y is None:
        return []
    rng = np.random.default_rng(0)
    count = OF_A_CLASS if source.is_image else 2
    shown = []
    for k, name in enumerate(source.class_names[:CLASSES]):
        ours = rng.permutation(np.flatnonzero(source.y == k))[:count]
        theirs = np.flatnonzero(found.answers == k)
        theirs = theirs[np.argsort(-found.sureness[theirs], kind="stable")][:count]
        shown.append(
            {"name": name, "source": _shown(source, ours), "target": _shown(target, theirs)}
        )
    return shown


def _shown(domain: Domain, rows: Iterable[int] | np.ndarray) -> list[dict[str, str]]:
    """Return pictures as data addresses, or texts."""
    rows = np.asarray(list(rows), dtype=int)
    if domain.is_image and domain.shape[0] in (1, 3):
        return [{"image": _png(one), "text": ""} for one in thumbnails(domain.x[rows], PIXELS)]
    if domain.texts:
        return [{"image": "", "text": _short(domain.texts[row])} for row in rows]
    return []


def _short(text: str) -> str:
    return text if len(text) <= LETTERS else f"{text[: LETTERS - 1]}…"


def _png(pixels: np.ndarray) -> str:
    """Return an image (c, h, w) uint8 as a data address."""
    from PIL import Image

    flat = pixels[0] if len(pixels) == GRAY else pixels.transpose(1, 2, 0)
    held = BytesIO()
    Image.fromarray(np.ascontiguousarray(flat)).save(held, "PNG", optimize=True)
    return f"data:image/png;base64,{b64encode(held.getvalue()).decode()}"


# --- classes and methods


def _classes(found: Found) -> list[dict[str, Any]]:
    """Return for each class its examples in the source, and its shares, also as lengths of bars."""
    y = found.source.y
    counts = np.bincount(y if y is not None else [], minlength=len(found.source.class_names))
    shares = {"source": counts / counts.sum()}
    if found.shares is not None:
        shares |= {"em": found.shares.em, "bbse": found.shares.bbse}
    top = max(float(s.max()) for s in shares.values()) or 1.0
    return [
        {
            "name": name,
            "count": int(counts[k]),
            "bars": [
                {
                    "of": of,
                    "text": words.percent(float(s[k])),
                    "width": f"{100 * float(s[k]) / top:.1f}",
                }
                for of, s in shares.items()
            ],
        }
        for k, name in enumerate(found.source.class_names)
    ]


def _methods(found: Found, judges: list[str]) -> list[dict[str, Any]]:
    """Return a row for each method: accuracies, the interval's place in percent, the judges' scores."""
    best = {
        name: max(
            (row.scores[name] or 0.0 for row in found.rows if row.scores.get(name) is not None),
            default=None,
        )
        for name in judges
    }
    return [
        {
            "title": words.title_of(row.method),
            "short": words.short_title_of(row.method),
            "failed": row.failed,
            "collapsed": row.collapsed,
            "chosen": found.choice is row,
            "source": "" if row.failed else words.percent(row.source_accuracy),
            "expected": "" if row.failed else words.percent(row.expected),
            "span": "" if row.failed else f"{words.percent(row.low)} – {words.percent(row.high)}",
            "low": f"{100 * row.low:.1f}",
            "width": f"{100 * (row.high - row.low):.1f}",
            "at": f"{100 * row.expected:.1f}",
            "scores": [
                {
                    "text": text,
                    "best": best[name] is not None and row.scores.get(name) == best[name],
                }
                for name, text in zip(judges, words.judge_scores(row, judges), strict=True)
            ],
        }
        for row in found.rows
    ]


def _judge(found: Found, name: str) -> dict[str, Any]:
    return {
        "title": tr(JUDGES[name].title),
        "limits": tr(JUDGES[name].limits),
        "decides": name == found.judge,
    }
