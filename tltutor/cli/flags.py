"""Make command-line flags from the declarations of settings, so that bounds and texts are written once."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tltutor.settings import Setting, check_name


class UsageError(ValueError):
    """The command line asks for something that does not exist; the program ends with exit code 2."""


def add_flag(
    parser: argparse._ActionsContainer, setting: Setting, *names: str, **more: Any
) -> None:
    """Add --setting-name (or these names), checked by the setting; its value is None if it is not given."""
    flags = names or (f"--{setting.name.replace('_', '-')}",)
    parser.add_argument(
        *flags,
        type=checked(setting),
        metavar=metavar(setting),
        help=describe(setting),
        dest=setting.name,
        **more,
    )


def checked(setting: Setting) -> Callable[[str], Any]:
    """Return a converter for argparse that keeps the setting's error message."""

    def convert(word: str) -> Any:
        try:
            return setting.read(word)
        except (ValueError, TypeError) as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return convert


def parse_options(words: Sequence[str], known: Mapping[str, Any], *, what: str) -> dict[str, Any]:
    """Parse KEY=VALUE words, each checked by its declaration; several values are separated by commas."""
    options = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            example = next(iter(known), "size")
            raise ValueError(
                f"an option must have the form KEY=VALUE, got {word!r}: for instance {example}=…"
            )
        option = known[check_name(key, known, what=what)]
        several = isinstance(option.default, tuple)
        options[key] = option.check(value.split(",")) if several else option.read(value)
    return options


def metavar(setting: Setting) -> str:
    """Return the placeholder of the value in --help."""
    if setting.scale == "choice":
        return "|".join(setting.choices)
    return {"switch": "on|off", "int": "N"}.get(setting.scale, "X")


def describe(setting: Setting) -> str:
    """Return the setting's sentence, bounds, unit and default, with % doubled for argparse."""
    symbol = f"{setting.symbol}: " if setting.symbol else ""
    return f"{symbol}{setting.text} {span(setting)}".strip().replace("%", "%%")


def span(setting: Setting) -> str:
    """Return bounds, unit and default in parentheses."""
    default = shown(setting.default)
    if setting.scale in ("choice", "switch"):
        return f"(default {default})"
    unit = f" {setting.unit}" if setting.unit else ""
    return f"({shown(setting.low)} to {shown(setting.high)}{unit}, default {default})"


def shown(value: float | str | bool) -> str:
    """Return a setting's value as it is written on the command line."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return value if isinstance(value, str) else f"{value:.7g}"
