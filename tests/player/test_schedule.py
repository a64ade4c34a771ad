"""The player's decision, for every situation there is: no thread, no clock, no stream."""

from itertools import product

from tltutor.player.schedule import Action, Progress, State, more, next_action

FIELDS = State._fields
# What holds (+) or not (-) in a situation, and what is then done; what is not named may be either. Exactly one row fits each.
TABLE = [
    ("+ends", Action.END),
    ("-ends -seen", Action.LOOK),
    # at rest: no step waits, so that no budget is asked
    ("-ends +seen -trains -current", Action.LOOK),
    ("-ends +seen -trains +current +restless", Action.MOVE),
    ("-ends +seen -trains +current -restless", Action.REST),
    # while training
    ("-ends +seen +trains +reheated", Action.MOVE),
    ("-ends +seen +trains -reheated -current +may_look", Action.LOOK),
    ("-ends +seen +trains -reheated +current +may_move", Action.MOVE),
    ("-ends +seen +trains -reheated -current -may_look +may_move", Action.MOVE),
    ("-ends +seen +trains -reheated +current -may_move +held", Action.WAIT),
    ("-ends +seen +trains -reheated -current -may_look -may_move +held", Action.WAIT),
    ("-ends +seen +trains -reheated +current -may_move -held", Action.TRAIN),
    ("-ends +seen +trains -reheated -current -may_look -may_move -held", Action.TRAIN),
]


def fits(row, state):
    return all(getattr(state, word[1:]) is (word[0] == "+") for word in row.split())


def situations():
    return [State(*values) for values in product((False, True), repeat=len(FIELDS))]


def test_the_decision_is_the_tables_in_every_situation():
    assert len(situations()) == 512
    for state in situations():
        wanted = [action for row, action in TABLE if fits(row, state)]
        assert len(wanted) == 1, state
        assert next_action(state) is wanted[0], state


def test_a_run_always_gets_on():
    """From every situation, doing what is decided leads to a step, a rest or a wait after at most three looks and moves."""
    for begun in situations():
        state, left = begun, 4
        while (action := next_action(state)) in (Action.LOOK, Action.MOVE):
            left -= 1
            assert left, begun
            done = {"reheated": False, "may_move": False}
            done |= (
                {"seen": True, "current": True, "may_look": False}
                if action is Action.LOOK
                else {"restless": False}
            )
            state = state._replace(**done)


def test_steps_add_up_and_a_number_ends_play():
    forever = float("inf")
    assert more(0, 3) == 3
    assert more(2, 3) == 5
    assert more(2, forever) == more(forever, forever) == forever
    assert more(forever, 3) == 3


def test_progress_counts_the_frames_to_rest():
    new = Progress()
    assert new == (None, 0, False, float("-inf"))
    looked = new.after_reheat(21).after_look(7, 20, 1.0)
    assert looked == (7, 20, False, 1.0)
    moved = looked.after_move(2.0)
    assert moved == (7, 19, False, 2.0)
    assert moved.after_reheat(21) == (7, 21, True, 2.0)
    assert Progress(7, 0).after_move(3.0) == (7, 0, False, 3.0)
