"""Two runs on one widget: the same points, step for step, one scrubber; nothing is left behind when the cell runs again."""

import threading
import time

import ipywidgets
import numpy as np
import pytest
from pages import Browser, choose, label, rows
from waiting import until

import tltutor as tl
from tltutor.lab import compare as compare_room

SMALL = {
    "pair_options": {"size": 16},
    "network_options": {"channels": (4, 6), "width": 8},
    "batch_size": 8,
    "snapshot_size": 24,
    "steps": 12,
    "device": "cpu",
    "projection": "pca",
    "budget": 0.9,
    "threads": 1,
}
PAIR = "digits->shifted-digits"


@pytest.fixture
def open_compare(closing):
    def build(*what, **options):
        options = options if what else SMALL | options
        return shown(
            closing(tl.Compare(*(what or (PAIR, "source-only", "dann")), name="test", **options))
        )

    return build


@pytest.fixture
def labs(closing):
    return lambda objective="dann", name="a", **options: shown(
        closing(tl.Lab(PAIR, objective, name=name, **(SMALL | options)))
    )


def shown(lab):
    """As the last line of a cell."""
    lab._repr_mimebundle_()
    return lab


def losses(lab):
    return [(f.step, dict(f.losses)) for f in lab.recording.stepped]


def steps(compare):
    return [lab.session.step_number for lab in compare.labs]


def alive():
    return sorted(t.name for t in threading.enumerate() if t.name.startswith("tltutor-"))


def widgets():
    return len(ipywidgets.widgets.widget._instances)


def test_both_train_from_one_play_to_the_end_as_each_would_alone(open_compare, labs):
    compare = open_compare()
    compare.play()
    assert compare.wait(60)
    assert steps(compare) == [12, 12]
    for lab, name in zip(compare.labs, ("source-only", "dann"), strict=True):
        alone = labs(name)
        alone.play()
        alone.wait(60)
        assert losses(lab) == losses(alone)
    until(lambda: compare.board.status.shown["state"] == "finished")
    assert [compare.board.status.shown[part] for part in ("step", "steps")] == [12, 12]


def test_both_see_the_same_points_and_are_linked(open_compare):
    compare = open_compare()
    first, second = (lab.board.map for lab in compare.labs)
    assert first.group == second.group != ""
    assert first.labels == second.labels
    assert first.sprites == second.sprites
    assert compare.labs[0].session.seed == compare.labs[1].session.seed


def test_neither_runs_away_from_the_other(open_compare, monkeypatch):
    compare = open_compare(steps=10_000)
    step, gaps = tl.Session.step, []

    def slow(self):
        time.sleep(0.02 if self is compare.labs[1].session else 0)
        gaps.append(abs(steps(compare)[0] - steps(compare)[1]))
        return step(self)

    monkeypatch.setattr(tl.Session, "step", slow)
    compare.play()
    until(lambda: min(steps(compare)) > 20)
    compare.pause()
    compare.wait(20)
    assert max(gaps[10:]) <= 2
    until(
        lambda: (
            steps(compare)[0] == steps(compare)[1]
            and all(lab.player.state == "paused" for lab in compare.labs)
        )
    )


def test_two_that_are_paused_a_step_apart_come_to_the_same_step(open_compare):
    compare = open_compare(steps=1000)
    compare.step(2)
    compare.wait(20)
    compare.labs[0].step()
    until(lambda: steps(compare) == [3, 3])


def test_step_reset_and_stop_act_on_both(open_compare):
    compare = open_compare()
    compare.board.handlers.step()
    compare.wait(20)
    assert steps(compare) == [1, 1]
    compare.step(3)
    compare.wait(20)
    assert steps(compare) == [4, 4]
    compare.board.handlers.set("speed", 50.0)
    assert [lab.player.speed for lab in compare.labs] == [50.0, 50.0]
    compare.board.handlers.reset()
    until(lambda: steps(compare) == [0, 0])
    compare.wait(20)
    compare.step(2)
    compare.wait(20)
    assert steps(compare) == [2, 2]
    compare.board.handlers.stop()
    assert [name for name in alive() if "player" in name] == []


def test_one_scrubber_shows_both_at_one_step(open_compare):
    compare = open_compare()
    compare.play()
    compare.wait(60)
    union = compare._steps()
    until(lambda: compare.board.timeline.length == len(union))
    middle = len(union) // 2
    compare.board.handlers.scrub(middle)
    for lab in compare.labs:
        wanted = [f for f in lab.recording.frames if f.step <= union[middle]][-1]
        assert lab.screen.frame is wanted
        assert lab.board.curves.cursor == wanted.step
    compare.board.handlers.changed(middle, True)
    assert all(
        lab.board.map.title_values.get("before") == "0" or not lab.board.map.selected
        for lab in compare.labs
    )
    compare.board.handlers.scrub(None)
    assert [lab.screen.frame.step for lab in compare.labs] == [12, 12]


def test_titles_accuracies_and_changes_of_both_are_told(open_compare):
    compare = open_compare(steps=1000)
    compare.step(3)
    compare.wait(20)
    compare.labs[1].board.handlers.set("weight", 0.25)
    compare.step(3)
    compare.wait(20)
    until(lambda: all(lab.screen.frame.step == 6 for lab in compare.labs))
    until(lambda: compare.board.timeline.ticks)
    until(
        lambda: all(
            lab.screen.frame.numbers["target_accuracy"] == run.accuracy
            for lab, run in told(compare)
        )
    )
    assert [label(lab.board, "objective") for lab in compare.labs] == [
        "Source only (no transfer)",
        "DANN (fool a domain discriminator)",
    ]
    ((at, text, _),) = compare.board.timeline.ticks
    assert text == "DANN (fool a domain discriminator): step 4: weight 1 → 0.25"
    assert compare._steps()[at] >= 4


def told(compare):
    return list(zip(compare.labs, compare.board.compared, strict=True))


def test_a_method_is_judged_beside_its_source_only_twin_over_the_seeds_seen(open_compare):
    compare = open_compare()
    assert compare.board.status.shown["note"] == "", "nothing has ended yet"
    for seed in (0, 1, 2):
        compare.choose("seed", seed)
        assert compare.wait(60)
        compare.play()
        until(lambda: all(lab.screen.state == "finished" for lab in compare.labs))
        assert compare.wait(60)
        until(lambda: "source only" in compare.board.status.shown["note"])
        reached = [lab.recording.frames[-1].numbers["target_accuracy"] for lab in compare.labs]
        note = compare.board.status.shown["note"]
        if seed == 0:
            assert f"{100 * (reached[1] - reached[0]):+.1f} points, not sure" in note
            assert "run more seeds" in note
    gain = compare._twins.see(*compare.labs)
    assert gain.seeds == (0, 1, 2)
    assert f"{100 * gain.mean:+.1f} points" in note
    assert gain.verdict in note
    compare.labs[1].set(weight=0.3)
    compare.reset()
    assert compare.wait(60)
    until(lambda: compare.board.status.shown["note"] == "")
    compare.play()
    until(lambda: "source only" in compare.board.status.shown["note"])
    assert compare._twins.see(*compare.labs).seeds == (2,), "another setting, another comparison"


def test_two_methods_have_no_twin_and_what_is_hidden_is_not_told(open_compare):
    builds = (
        lambda: open_compare(PAIR, "mmd", "dann", **SMALL),
        lambda: open_compare(hide=("numbers",)),
    )
    for build in builds:
        compare = build()
        compare.play()
        until(lambda c=compare: all(lab.screen.state == "finished" for lab in c.labs))
        assert compare.wait(60)
        assert "source only" not in compare.board.status.shown["note"]


def test_domains_map_and_seed_are_chosen_for_both_and_each_its_own_objective(open_compare):
    compare = open_compare()
    board = compare.board
    assert [board.header.chosen[name] for name in ("pair", "projection", "seed")] == [
        PAIR,
        "pca",
        0,
    ]
    compare.step(2)
    compare.wait(20)
    choose(board, "projection", "tsne")
    until(lambda: [lab.player.layout.name for lab in compare.labs] == ["tsne", "tsne"])
    choose(board, "seed", 3)
    until(
        lambda: (
            [(lab.session.seed, lab.session.step_number) for lab in compare.labs]
            == [(3, 0), (3, 0)]
        )
    )
    compare.wait(20)
    choose(compare.labs[0].board, "objective", "mmd")
    until(lambda: compare.labs[0].session.objective.name == "mmd")
    assert compare.labs[1].session.objective.name == "dann"
    assert board.header.chosen["seed"] == 3
    with pytest.raises(ValueError, match="shared choice.*pair, projection, seed"):
        compare.choose("objective", "mmd")


def test_what_one_side_cannot_do_neither_does(open_compare, monkeypatch):
    compare = open_compare()
    does = tl.Lab.choose
    monkeypatch.setattr(
        tl.Lab,
        "choose",
        lambda lab, *what: broken() if lab is compare.labs[1] else does(lab, *what),
    )

    def broken():
        raise ValueError("not with this one")

    choose(compare.board, "seed", 5)
    until(lambda: "not with this one" in compare.labs[0].board.error.text)
    assert [lab.session.seed for lab in compare.labs] == [0, 0]
    until(lambda: compare.board.header.chosen["seed"] == 0)


def test_runs_of_one_objective_are_told_apart_by_their_settings(open_compare, labs):
    compare = open_compare(labs("dann", "a"), labs("dann", "b", weight=0.0))
    until(lambda: compare.board.compared[1].title == "weight 0")
    assert compare.board.compared[0].title == "weight 1"


def test_both_play_on_from_an_earlier_step(open_compare, labs):
    compare = open_compare()
    compare.play()
    compare.wait(60)
    before = [losses(lab) for lab in compare.labs]
    compare.board.handlers.branch(1)
    until(lambda: not any(lab.replaying for lab in compare.labs))
    compare.wait(60)
    assert steps(compare) == [12, 12]
    assert [losses(lab) for lab in compare.labs] == before
    assert [len(lab.run.branches) for lab in compare.labs] == [1, 1]


def test_two_labs_of_ones_own_are_compared_and_survive(open_compare, labs):
    first, second = labs("dann", "a"), labs("dann", "b", weight=0.0, projection="discriminant")
    compare = open_compare(first, second)
    until(lambda: second.player.layout.name == "pca")
    assert second.experiment.projection == "pca"
    assert compare_room.titles(first, second)[1] == "DANN (fool a domain discriminator) · weight 0"
    compare.step(2)
    compare.wait(20)
    compare.close()
    assert first.board.map.group == ""
    first.step(5)
    first.wait(20)
    assert first.session.step_number == 7
    assert "tltutor-player-a" in alive()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"seed": 1},
            "both labs must have the same seed, got 0 and 1: build both with the same one",
        ),
        (
            {"snapshot_size": 30},
            r"the same number of points on the map \(snapshot_size\), got 24 and 30",
        ),
        (
            {"pair_options": {"size": 16, "severity": 0.5}},
            "both labs must show the same points, got other examples: build",
        ),
    ],
)
def test_labs_that_cannot_be_compared_are_refused_in_one_sentence(
    open_compare, labs, options, sentence
):
    with pytest.raises(ValueError, match=sentence):
        open_compare(labs("dann", "a"), labs("mmd", "b", **options))


def test_what_is_no_pair_of_labs_is_refused(open_compare, labs):
    lab = labs()
    with pytest.raises(ValueError, match="two labs must be two, got one lab twice"):
        open_compare(lab, lab)
    with pytest.raises(
        TypeError, match="takes two labs, or a pair and two objectives, got 2 arguments"
    ):
        open_compare(PAIR, "dann")
    with pytest.raises(TypeError, match="two labs bring their own options, got seed"):
        open_compare(lab, labs("mmd", "b"), seed=3)
    with pytest.raises(ValueError, match="no objective is called 'dannn'"):
        open_compare(PAIR, "dann", "dannn", **SMALL)
    assert alive() == ["tltutor-player-a", "tltutor-player-b"]


def test_running_the_cell_again_leaves_two_threads_and_one_set_of_widgets(open_compare):
    open_compare()
    count = widgets()
    for _ in range(2):
        open_compare().play()
    assert widgets() == count
    until(lambda: alive() == ["tltutor-player-test-a", "tltutor-player-test-b"])


def test_what_is_hidden_is_hidden_here_too(open_compare):
    compare = open_compare(hide=("stop", "speed", "lr"), presenter=True)
    board = compare.board
    assert {"stop", "speed"} <= set(board.frame.hidden)
    assert not {"play", "timeline"} & set(board.frame.hidden)
    assert all(
        "lr" not in rows(lab.board.controls) and lab.board.map.presenter for lab in compare.labs
    )
    assert board.frame.presenter
    assert board.widget.parts["frame"] is board.frame


def test_closed_it_leaves_nothing(open_compare):
    before = widgets()
    open_compare().close()
    assert widgets() == before
    assert alive() == []


def test_each_run_gets_half_of_the_threads(monkeypatch):
    for cores, wanted in ((1, 1), (2, 1), (4, 1), (8, 2)):
        monkeypatch.setattr(
            compare_room, "default_threads", lambda cores=cores: max(1, min(4, cores - 1))
        )
        assert compare_room.threads() == wanted


def test_the_two_boards_parts_go_back_when_it_closes(labs):
    first, second = labs("dann", "a"), labs("mmd", "b")
    compare = tl.Compare(first, second, name="test")
    compare.close()
    assert first.board.widget.comm is not None
    browser = Browser(first.board.map)
    first.board.map.select([1])
    assert len(browser.states) == 1
    assert np.frombuffer(first.board.map.labels, "<i2").size == 24
