"""The board's small pieces of HTML: status, numbers, error. Every word from outside is escaped."""

from __future__ import annotations

import math
import re
from html import escape
from typing import TYPE_CHECKING

from tltutor.language import mark, tr

if TYPE_CHECKING:
    from collections.abc import Mapping

STATES = {
    "loading": mark("Loading"),
    "ready": mark("Ready"),
    "playing": mark("Playing"),
    "paused": mark("Paused"),
    "finished": mark("Finished"),
    "stopped": mark("Stopped"),
    "failed": mark("Failed"),
}


def status_line(
    state: str, step: int, *, steps: int, device: str, rate: float | None, note: str = ""
) -> str:
    """State, step k of N, device, steps a second and a remark, over a thin bar of progress."""
    note = note or (tr("press Play to train") if state == "ready" else "")
    share = 100 * min(max(step / steps, 0.0), 1.0) if steps else 0.0
    speed = (
        "–"
        if not rate or not math.isfinite(rate)
        else f"{rate:.1f}"
        if rate < 100
        else f"{rate:.0f}"
    )
    return (
        f'<div class="tlt-status" data-state="{escape(state)}" data-step="{step}"><i class="tlt-dot"></i>'
        f"<b>{escape(tr(STATES.get(state, state)))}</b><span>{_counted(step, steps)}</span>"
        f'<span>{escape(device)}</span><span class="tlt-rate"><b>{speed}</b> {escape(tr("steps/s"))}</span>'
        f'<span class="tlt-status-note" title="{escape(note)}">{escape(note)}</span></div>'
        f'<div class="tlt-progress"><i style="width:{share:.1f}%"></i></div>'
    )


def _counted(step: int, steps: int) -> str:
    """Step k of N, the first in bold."""
    said = escape(tr("step {step} of {steps}", step="\0", steps=f"{steps:,}"))
    return said.replace("\0", f"<b>{step:,}</b>")


def numbers_table(numbers: Mapping[str, float]) -> str:
    """The numbers taken at the last look, in rows that never change their places; a missing one is a dash."""
    rows = (
        _share_row(
            tr("Target accuracy"), numbers.get("target_accuracy"), tr("labels used only to judge")
        ),
        _share_row(tr("Source accuracy"), numbers.get("source_accuracy"), ""),
        _probe_row(numbers),
        _mmd_row(numbers),
        _share_row(
            tr("Label agreement"),
            numbers.get("knn_label_agreement"),
            tr("of nearest source points"),
        ),
    )
    return f'<table class="tlt-numbers"><tbody>{"".join(rows)}</tbody></table>'


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _signed(value: float, plus: str = "") -> str:
    """Three decimals, with a true minus, as wide as the plus."""
    return f"{value:{plus}.3f}".replace("-", "−")


def _row(name: str, value: str, *, bar: str, aside: str, title: str = "") -> str:
    return (
        f'<tr title="{escape(title)}"><th scope="row">{escape(name)}</th><td class="tlt-value">{escape(value)}</td>'
        f'<td class="tlt-gauge">{bar}</td><td class="tlt-aside">{escape(aside)}</td></tr>'
    )


def _bar(share: float, band: tuple[float, float] | None = None) -> str:
    """A bar filled to `share`, and shaded from band[0] to band[1] where chance alone would lie; all 0..1."""
    fill = 100 * min(max(share, 0.0), 1.0)
    low, high = (100 * min(max(edge, 0.0), 1.0) for edge in band or (0.0, 0.0))
    shade = f'<u style="left:{low:.1f}%;width:{high - low:.1f}%"></u>' if band else ""
    return f'<span class="tlt-bar">{shade}<i style="width:{fill:.1f}%"></i></span>'


def _share_row(name: str, value: float | None, aside: str) -> str:
    if value is None or not _known(value):
        return _row(name, "–", bar=_bar(0), aside=aside)
    return _row(name, f"{value:.3f}", bar=_bar(value), aside=aside)


def _probe_row(numbers: Mapping[str, float]) -> str:
    value, high = numbers.get("domain_probe_accuracy"), numbers.get("domain_probe_null_high", 0.5)
    title = tr(
        "How well a fresh classifier tells source from target features; 0.5 is guessing. Shaded: what chance gives."
    )
    if value is None or not _known(value):
        return _row(tr("Domain probe"), "–", bar=_bar(0), aside=tr("0.5 = mixed"), title=title)
    aside = tr("0.5 = mixed; as chance") if value <= high else tr("0.5 = mixed; apart")
    return _row(
        tr("Domain probe"),
        f"{value:.3f}",
        bar=_bar(value, (1 - high, high)),
        aside=aside,
        title=title,
    )


def _mmd_row(numbers: Mapping[str, float]) -> str:
    value, low, high = (numbers.get(name) for name in ("mmd2", "mmd2_null_low", "mmd2_null_high"))
    title = tr(
        "Squared maximum mean discrepancy of the features. Shaded: what chance gives; there the domains look alike."
    )
    if value is None or not _known(value):
        return _row("MMD²", "–", bar=_bar(0), aside="", title=title)
    if low is None or high is None or not (_known(low) and _known(high)):
        return _row("MMD²", _signed(value), bar=_bar(0), aside="", title=title)
    wide = max(0.25, 1.2 * value, 1.2 * high)
    aside = tr("chance {low} to {high}", low=_signed(low, "+"), high=_signed(high, "+"))
    bar = _bar(value / wide, (low / wide, high / wide))
    return _row("MMD²", _signed(value), bar=bar, aside=aside, title=title)


def compared(title: str, accuracy: float | None) -> str:
    """A run's title, without what is in brackets, and its target accuracy, over its map."""
    short = re.sub(r" \([^)]*\)", "", title)
    value = "–" if accuracy is None or not _known(accuracy) else f"{accuracy:.3f}"
    share = accuracy if accuracy is not None and _known(accuracy) else 0.0
    return (
        f'<div class="tlt-compared"><b title="{escape(title)}">{escape(short)}</b>'
        f"<span>{escape(tr('Target accuracy'))} <strong>{value}</strong></span>{_bar(share)}</div>"
    )


def error_panel(heading: str, details: str = "") -> str:
    """What went wrong, the last line of the details first, the rest behind a fold."""
    lines = [line for line in details.strip().splitlines() if line.strip()]
    last = lines[-1].strip() if lines else ""
    said = f"<p>{escape(last)}</p>" if last and last != heading else ""
    whole = escape(details.strip())
    fold = (
        f"<details><summary>{escape(tr('All details'))}</summary><pre>{whole}</pre></details>"
        if len(lines) > 1
        else ""
    )
    return f'<div class="tlt-error" role="alert"><b>{escape(heading)}</b>{said}{fold}</div>'
