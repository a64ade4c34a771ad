"""Many learners at once: a vote before Play, answered from phones, and its histogram; it trains nothing and knows no lesson."""

from __future__ import annotations

from tltutor.classroom.vote import Vote, last_vote, open_vote

__all__ = ["Vote", "last_vote", "open_vote"]
