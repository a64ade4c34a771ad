"""The packages that only the service needs; without one, a sentence with the command that installs it."""

from __future__ import annotations

import importlib
from typing import Any


def needed(name: str, extra: str = "class") -> Any:
    """Import a package of this extra. Errors: ImportError in one sentence."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        raise ImportError(
            f"the votes of a class need the package {package}, which is not installed: "
            f'run python -m pip install "tltutor[{extra}]"'
        ) from error
