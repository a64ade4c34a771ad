"""Drive a stream of facts in a thread, with looks inside a time budget; it knows neither torch nor widgets."""

from tltutor.player.player import SPEED, Player

__all__ = ["SPEED", "Player"]
