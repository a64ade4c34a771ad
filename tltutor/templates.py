"""Render the HTML templates (*.html.j2) of the package; it knows no page."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment


def rendered(template: Path, **values: Any) -> str:
    """Return the template as text, with its values filled in.

    Every value is escaped unless it is a `markupsafe.Markup` or the template says `safe`. A name
    without a value raises UndefinedError. Other templates of the same folder may be extended.
    """
    return _environment(template.parent).get_template(template.name).render(values)


@cache
def _environment(folder: Path) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
