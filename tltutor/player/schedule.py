"""The player's decision: what to do next, as a pure function of a small record. It knows no thread, no clock and no stream."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple


class Action(Enum):
    """What a player's thread does in one turn."""

    LOOK = auto()  # take a snapshot, and lay it out
    MOVE = auto()  # move the layout on, without a new snapshot
    TRAIN = auto()  # train one step
    WAIT = auto()  # hold the next step back, so that another run can catch up
    REST = auto()  # do nothing until something is asked for
    END = auto()  # end the thread


class State(NamedTuple):
    """All that the next action depends on."""

    ends: bool  # the run was stopped, or it failed
    trains: bool  # there are steps to train
    held: bool  # the next step has to wait for another run
    seen: bool  # there is a snapshot that this layout has laid out
    current: bool  # ... and it was taken after the latest step
    reheated: bool  # the layout is to move now: a setting of it changed, or an axis was dragged
    restless: bool  # the layout has not yet come to rest
    may_look: (
        bool  # the budget allows a snapshot, and the layout has arrived where the last one sent it
    )
    may_move: bool  # the budget allows a move of the layout, and the last one is long enough ago


def next_action(state: State) -> Action:
    """Decide what to do.

    The first snapshot comes before the first step. While training, snapshots and moves keep to the budget; at rest they
    do not, since no step waits for them.
    """
    if state.ends:
        return Action.END
    if not state.seen:
        return Action.LOOK
    return _while_training(state) if state.trains else _at_rest(state)


def _while_training(state: State) -> Action:
    if state.reheated:
        return Action.MOVE
    if state.may_look and not state.current:
        return Action.LOOK
    if state.may_move:
        return Action.MOVE
    return Action.WAIT if state.held else Action.TRAIN


def _at_rest(state: State) -> Action:
    if not state.current:
        return Action.LOOK
    return Action.MOVE if state.restless else Action.REST


def more(left: float, steps: float) -> float:
    """The steps to train, where `left` were left and so many more are asked for; infinity is Play, which a number ends."""
    return steps if left == float("inf") else left + steps


class Progress(NamedTuple):
    """How far snapshots and layout are; only the player's thread replaces it."""

    looked_at: int | None = (
        None  # the step of the latest snapshot; None: this layout has laid out none
    )
    frames_left: int = 0  # moves that the layout still makes to come to rest
    reheated: bool = False
    moved_at: float = float("-inf")  # seconds on the player's clock

    def after_look(self, step: int, frames: int, now: float) -> Progress:
        """A snapshot was taken after `step` steps and laid out; `frames` moves bring the layout to rest."""
        return Progress(step, frames, reheated=False, moved_at=now)

    def after_move(self, now: float) -> Progress:
        """The layout has moved."""
        return Progress(self.looked_at, max(self.frames_left - 1, 0), reheated=False, moved_at=now)

    def after_reheat(self, frames: int) -> Progress:
        """The layout changed; `frames` moves bring it to rest again, the first of them at once."""
        return Progress(self.looked_at, frames, reheated=True, moved_at=self.moved_at)
