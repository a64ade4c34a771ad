"""The live board: one lab, or two side by side."""

from tltutor.lab.compare import Compare
from tltutor.lab.lab import Lab, default_threads

__all__ = ["Compare", "Lab", "default_threads"]
