"""Convert an experiment to a short string and back: names and numbers only, each checked; no code in a string is run."""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from tltutor.domains import pair_names
from tltutor.events import Changed
from tltutor.experiment.experiment import LIVE_OF_SESSION, Experiment
from tltutor.networks import PUBLISHED, network_names, network_record
from tltutor.objectives import OBJECTIVES
from tltutor.projections import MAPS
from tltutor.settings import check_name
from tltutor.training.options import OPTIONS

PREFIX = "tl1:"
LONGEST = 100_000  # characters, and bytes when unpacked
NAMED: dict[str, Iterable[str]] = {
    "pair": pair_names(),
    "objective": OBJECTIVES,
    "network": ("auto", *network_names()),  # and torchvision's others
    "projection": MAPS,
}
ELSEWHERE = {
    "session_options": {"device", "snapshot_every", "changes"},
    "pair_options": {"data_dir"},
}  # of the machine, or stored elsewhere in the link


def link(experiment: Experiment, log: Iterable[Changed] = ()) -> str:
    """Return the experiment and its changes as `tl1:…`: JSON, compressed, in base64; about 200 characters plus 15 per change.

    The device and folders are omitted. Errors: ValueError for a part without a name, such as your own array or network.
    """
    parts: dict[str, Any] = {}
    for field in fields(Experiment):
        value = getattr(experiment, field.name)
        if isinstance(value, Mapping):
            value = {n: v for n, v in value.items() if n not in ELSEWHERE.get(field.name, ())}
        if value not in ({}, None):
            parts[field.name] = value
    _check(parts, "an experiment of names and numbers can be linked")
    changes = [[c.step, c.name, c.old, c.new] for c in log]
    text = json.dumps(
        parts | ({"log": changes} if changes else {}),
        separators=(",", ":"),
        sort_keys=True,
        default=np.generic.item,
    )
    return PREFIX + base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def parse_link(text: Any) -> tuple[Experiment, tuple[Changed, ...]]:
    """Return a link's experiment and the changes to make in it. Errors: ValueError in one sentence for anything else."""
    try:
        parts = _unpacked(text)
        log = tuple(_changed(entry) for entry in parts.pop("log", ()))
        _check(parts, "a link must hold an experiment")
        _check_settings(parts, log)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, zlib.error) as error:
        shown = repr(text if len(str(text)) <= 40 else f"{str(text)[:37]}…")
        why = str(error).partition(" Known: ")[0].rstrip(":")  # a list of names mends no link
        raise ValueError(
            f"a link must be {PREFIX}… as a board gives it, got {shown} ({why}): copy the whole link again"
        ) from None
    return Experiment(**parts), log


def _check_settings(parts: Mapping[str, Any], log: Iterable[Changed]) -> None:
    """Check that all set and changed values are settings of this objective."""
    objective = OBJECTIVES[parts["objective"]]
    known = ["weight", "freeze_depth", "lr", *(s.name for s in objective.settings if s.live)]
    for name in (*parts.get("values", ()), *(change.name for change in log)):
        check_name(name, known, what="live setting")


def _unpacked(text: Any) -> dict[str, Any]:
    if not isinstance(text, str) or not text.strip().startswith(PREFIX) or len(text) > LONGEST:
        raise ValueError(f"it does not begin with {PREFIX}, or is too long")
    packed = text.strip().removeprefix(PREFIX)
    data = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True)
    unpacking = zlib.decompressobj()
    content = unpacking.decompress(data, LONGEST)
    if not unpacking.eof or unpacking.unused_data:
        raise ValueError("it is cut off, or too long")
    parts = json.loads(content, parse_constant=_no_number)
    if not isinstance(parts, dict) or not {
        "pair",
        "objective",
        "network",
        "projection",
        "seed",
    } <= set(parts):
        raise ValueError("it names no experiment")
    return parts


def _check(parts: Mapping[str, Any], rule: str) -> None:
    """Check every part: a known name, a seed, or plain options by name."""
    for name, value in parts.items():
        check_name(name, [field.name for field in fields(Experiment)], what="part of an experiment")
        if name in NAMED:
            _check_named(name, value, rule)
        elif name in ("seed", "pretrain"):
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**63:
                raise ValueError(
                    f"{rule}, and {name} is a whole number of 0 or more, got {value!r}"
                )
        else:
            _check_options(name, value, rule)


def _check_named(name: str, value: Any, rule: str) -> None:
    if not isinstance(value, str):
        own = getattr(value, "name", type(value).__name__)
        raise ValueError(f"{rule}, got your own {name} {own!r}: pass a known name")  # noqa: TRY004 - it is the name that lacks
    if name == "network" and value != "auto":
        network_record(value)
    else:
        check_name(value, NAMED[name], what=name)


def _check_options(name: str, options: Any, rule: str) -> None:
    if not isinstance(options, dict):
        raise TypeError(f"{rule}, and {name} are options by name, got {options!r}")
    for option, value in options.items():
        if name == "session_options":
            check_name(option, (*OPTIONS, "weight"), what="option that a link can hold")
            _check_session_option(option, value, rule)
        if option == "weights" and value not in (None, *PUBLISHED):
            raise ValueError(
                f"{rule}, got your own weights {str(value)!r}: pass weights='imagenet', another published name, or none"
            )
        _check_plain(option, value, rule)


def _check_session_option(option: str, value: Any, rule: str) -> None:
    """Check a session's option by its setting; lambda has the bounds of its objective. None is a live setting's default."""
    if value is None and option in LIVE_OF_SESSION:
        return
    if option in OPTIONS and isinstance(value, str | int | float):
        OPTIONS[option].check(value)
    elif option in OPTIONS or not isinstance(value, int | float):
        raise ValueError(f"{rule}, and {option} is a number or a name, got {value!r}")


def _check_plain(option: str, value: Any, rule: str) -> None:
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, list | tuple):
        for inner in value:
            _check_plain(option, inner, rule)
    elif not (
        value is None
        or isinstance(value, str | bool | int)
        or (isinstance(value, float) and math.isfinite(value))
    ):
        raise ValueError(
            f"{rule}, got {option}={value!r}: leave it out, or pass a name or a number"
        )


def _changed(entry: Any) -> Changed:
    step, name, old, new = entry
    if isinstance(step, bool) or not isinstance(step, int) or step < 1 or not isinstance(name, str):
        raise ValueError(f"a change has a step and a name, got {entry!r}")
    for value in (old, new):
        _check_plain(name, value, "a change is from one value to another")
    return Changed(step, name, old, new)


def _no_number(name: str) -> Callable[..., None]:
    raise ValueError(f"it holds {name}, which is not a finite number")
