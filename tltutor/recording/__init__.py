"""Keeps a stream of facts so that it can be scrubbed back, saved and loaded: plain data, no torch, no code."""

from tltutor.recording.points import Points
from tltutor.recording.recording import Frame, Recording

__all__ = ["Frame", "Points", "Recording"]
