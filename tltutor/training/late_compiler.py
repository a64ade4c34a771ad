"""Put off torch's compiler: torch imports it, in a second or two, for the first optimizer, and nothing here compiles.

The first step of a run imports it all the same; a board does so in the background, once its first picture is there.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from torch.optim import Optimizer

COMPILER = "torch._dynamo"
_MARK = "__dynamo_disable"  # torch's own: what a wrapped function calls instead, once the compiler is there


@contextmanager
def without_compiler() -> Iterator[None]:
    """Let optimizers be built inside without the compiler; where torch does it another way, nothing is changed."""
    plain = getattr(Optimizer.add_param_group, "__wrapped__", None)
    if plain is None or COMPILER in sys.modules or hasattr(plain, _MARK):
        yield
        return
    setattr(plain, _MARK, plain)
    try:
        yield
    finally:
        delattr(plain, _MARK)


def load_compiler() -> None:
    """Import the compiler in a thread, where it is not there yet."""
    if COMPILER not in sys.modules:
        threading.Thread(target=importlib.import_module, args=(COMPILER,), daemon=True).start()
