"""A clear word where cells are run out of order: a name that does not exist yet is made in a cell further up."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from tltutor.language import mark, tr

TEXT = mark("{name} does not exist yet: it is made in a cell further up. Run > Run All Above Selected Cell brings it back.")


def explain_order() -> None:
    """From now on a NameError in this notebook ends with a sentence that says what to run; nothing outside a notebook."""
    try:
        from IPython import get_ipython  # type: ignore[attr-defined, unused-ignore]
    except ImportError:
        return
    shell = get_ipython()  # type: ignore[no-untyped-call, unused-ignore]
    if shell is not None:
        shell.set_custom_exc((NameError,), said)


def said(shell: Any, kind: type[BaseException], error: BaseException, trace: TracebackType, tb_offset: int | None = None) -> None:  # noqa: PLR0917
    """Show the error as ever, with the sentence as its last line."""
    name = getattr(error, "name", None)
    if name:
        error.args = (f"{error}. {tr(TEXT, name=name)}", *error.args[1:])
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
