"""Negative transfer beside two finished runs: a method's target accuracy minus that of its source-only twin, over the seeds seen so far."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from tltutor.evaluation.gain import Gain, paired_gain
from tltutor.experiment.experiment import SOURCE_ONLY
from tltutor.language import tr

if TYPE_CHECKING:
    from tltutor.lab.lab import Lab

JUDGED_BY = "target_accuracy"


class Twins:
    """Collects by seed what both of two labs reached; other settings begin anew."""

    def __init__(self) -> None:
        self._about: Hashable = None
        self._method: dict[int, float] = {}
        self._plain: dict[int, float] = {}

    def see(self, one: Lab, other: Lab) -> Gain | None:
        """Take what two finished labs reached, and return the gain over all seeds; None if none or both are source-only.

        None also before both have ended, and where the target has no labels to judge by.
        """
        plain, method = sorted((one, other), key=lambda lab: _name(lab) != SOURCE_ONLY)
        if _name(plain) != SOURCE_ONLY or _name(method) == SOURCE_ONLY:
            return None
        if not (plain.session.done and method.session.done):
            return None
        scores = [_reached(lab) for lab in (method, plain)]
        if None in scores:
            return None
        about = tuple(map(_settings, (method, plain)))
        if about != self._about:
            self._about, self._method, self._plain = about, {}, {}
        seed = method.experiment.seed
        self._method[seed], self._plain[seed] = (
            float(score) for score in scores if score is not None
        )
        return paired_gain(self._method, self._plain)


def verdict(gain: Gain, method: str) -> str:
    """Return a gain in one line, in the reader's language. method: its title."""
    values = {"method": method, "mean": f"{100 * gain.mean:+.1f}", "verdict": tr(gain.verdict)}
    if gain.low is None or gain.high is None:
        why = tr(gain.why)
        return tr("{method} minus source only: {mean} points, {verdict}: {why}", why=why, **values)
    return tr(
        "{method} minus source only: {mean} points ({low} to {high} over {n} seeds), {verdict}",
        low=f"{100 * gain.low:+.1f}",
        high=f"{100 * gain.high:+.1f}",
        n=len(gain.seeds),
        **values,
    )


def _name(lab: Lab) -> str:
    return lab.session.objective.name


def _reached(lab: Lab) -> float | None:
    """Return the target accuracy of the last frame; None if it has none, or the last step has no frame yet."""
    frames = lab.recording.frames
    if not frames or frames[-1].step < lab.session.step_number:
        return None
    return frames[-1].numbers.get(JUDGED_BY)


def _settings(lab: Lab) -> Hashable:
    """Return all that two runs must share, but for the seed, to be seeds of one comparison."""
    experiment, session = lab.experiment, lab.session
    parts = (experiment.pair_options, experiment.network_options, experiment.session_options)
    return (
        session.pair.name,
        session.network.name,
        _name(lab),
        experiment.pretrain,
        session.steps,
        repr(dict(session.values)),
        *map(repr, parts),
    )
