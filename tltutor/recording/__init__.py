"""Record a stream of facts to scrub back through, save and load: plain data, no torch, no code."""

from tltutor.recording.points import Points
from tltutor.recording.recording import Frame, Recording

__all__ = ["Frame", "Points", "Recording"]
