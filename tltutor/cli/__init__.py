"""The command line: tltutor lab | run | sweep | progress | objectives | data | doctor | bench. Only here is anything printed."""

from tltutor.cli.program import main

__all__ = ["main"]
