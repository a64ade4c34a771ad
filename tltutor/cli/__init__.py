"""The command line: tltutor lab | run | progress | objectives | data | doctor | bench. A file a command; only here is anything printed."""

from tltutor.cli.program import main

__all__ = ["main"]
