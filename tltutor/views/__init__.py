"""What is seen: map, curves, controls and the board that holds them; it knows widgets, never torch or training."""

from __future__ import annotations

from tltutor.views.board import PLACES, Board, Handlers
from tltutor.views.controls import Controls
from tltutor.views.curves import CurvesView
from tltutor.views.map import MapView
from tltutor.views.timeline import TimelineView

__all__ = ["PLACES", "Board", "Controls", "CurvesView", "Handlers", "MapView", "TimelineView"]
