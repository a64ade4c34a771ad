"""The board's maps of a kind of their own: the plane of 2-D inputs with decision regions, and the settled map of a pause."""

import numpy as np
import pytest
from waiting import until

import tltutor as tl
from tltutor.lab import settled_map as settling

QUICK = {
    "steps": 6,
    "batch_size": 8,
    "snapshot_size": 40,
    "device": "cpu",
    "threads": 1,
    "name": "maps",
}


class Worker:
    """Answers at once, in the place of umap-learn's process."""

    def ask(self, features, step, on_done, *, start=None):
        on_done(step, np.full((len(features), 2), 5.0, np.float32))

    def warm(self):
        pass


@pytest.fixture
def open_lab(monkeypatch, closing):
    monkeypatch.setattr(settling, "shared_settler", Worker)

    def build(pair="moons->rotated-moons", objective="mmd", watched=True, **options):
        lab = closing(tl.Lab(pair, objective, **(QUICK | options)))
        lab._repr_mimebundle_()  # as the last line of a cell
        lab.board.map._gate.limit = 10**9  # as if a page took every frame at once
        lab.board.map.watched = watched
        return lab

    return build


def options(lab):
    return [name for _, name, *_ in lab.board.header.options["projection"]]


def test_2d_pairs_can_be_seen_where_their_inputs_lie_with_what_the_network_decides(open_lab):
    lab = open_lab(projection="inputs")
    lab.play()
    assert lab.wait(30)
    until(lambda: lab.recording.frame_count and lab.recording.frame(-1).step == 6)
    frame = lab.recording.frame(-1)
    np.testing.assert_array_equal(frame.xy, lab.session.snapshot_points.x)
    np.testing.assert_array_equal(frame.regions.grid, lab.recording.latest.regions.grid)
    until(lambda: lab.board.map.regions == frame.regions.grid.tobytes())
    assert lab.board.map.extent == frame.regions.box


def test_regions_belong_to_that_map_alone(open_lab):
    lab = open_lab(projection="tsne")
    until(lambda: lab.recording.frame_count)
    assert lab.recording.frame(0).regions is None
    assert lab.recording.latest.regions is not None


def test_only_2d_pairs_offer_it_and_another_pair_leaves_it(open_lab):
    lab = open_lab(projection="inputs")
    assert "inputs" in options(lab)
    lab.choose("pair", "digits->shifted-digits")
    assert lab.experiment.projection == "tsne"
    assert "inputs" not in options(lab)
    with pytest.raises(ValueError, match="a map of the inputs needs 2-D inputs"):
        open_lab("digits->shifted-digits", projection="inputs", name="other")


def test_a_link_brings_it_back(open_lab):
    text = open_lab(projection="inputs").link
    again = tl.Lab.from_link(text, device="cpu", threads=1, name="again")
    try:
        assert again.experiment.projection == "inputs"
    finally:
        again.close()


def test_a_pause_offers_the_settled_map_and_play_takes_it_back(open_lab):
    lab = open_lab(steps=1000)
    lab.step(2)
    until(lambda: lab.board.timeline.settled == "ready")
    lab.board.timeline.on_settled()
    assert lab.board.timeline.settled == "shown"
    assert lab.board.map.note == "embedding at step 2 by umap-learn"
    assert set(np.frombuffer(lab.board.map.xy, "<f4")) == {5.0}
    lab.board.timeline.on_settled()
    assert lab.board.map.note == ""
    assert set(np.frombuffer(lab.board.map.xy, "<f4")) != {5.0}
    lab.play()
    until(lambda: lab.board.timeline.settled == "")


def test_without_a_page_nobody_settles_a_map_until_one_opens(open_lab):
    lab = open_lab(steps=1000, watched=False)
    lab.step(2)
    until(lambda: lab.player.state == "paused" and lab.recording.latest.step == 2)
    lab._on_heartbeat(lab.run, "paused")
    assert lab.board.timeline.settled == ""
    lab.board.map._heard(None, {"kind": "ready"}, [])
    lab._on_heartbeat(lab.run, "paused")
    assert lab.board.timeline.settled == "ready"


def test_a_scrubbed_frame_takes_the_settled_maps_place(open_lab):
    lab = open_lab(steps=1000)
    lab.step(2)
    until(lambda: lab.board.timeline.settled == "ready")
    lab.board.timeline.on_settled()
    lab.scrub(0)
    assert lab.board.timeline.settled == "ready"
    assert lab.board.map.note.startswith("1 of")
