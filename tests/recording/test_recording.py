"""A recording gives back what it was told, from memory and from a file, and refuses what is not one."""

import io
import json
import math
import os
import re
import threading
import zipfile
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tltutor.events import Changed, Embedded, Finished, Flow, Pull, Regions, Snapshot, Stepped
from tltutor.recording import Points, Recording
from tltutor.recording import files as recording_files
from tltutor.settings import Setting


def looked(step, seed=0):
    rng = np.random.default_rng(seed)
    features, labels = rng.normal(size=(6, 3)).astype(np.float32), np.array([0, 1, 2, 0, 1, -1])
    return Snapshot(
        step, features, labels, rng.integers(0, 3, 6), np.arange(6) > 2, {"target_accuracy": 0.5}
    )


@pytest.fixture
def recording():
    recording = Recording()
    recording.append(looked(0))
    recording.append(Embedded(0, np.zeros((6, 2)), "pca"))
    recording.append(Stepped(1, {"task": 2.3}, {"weight": 0.1, "lr": 0.01}))
    recording.append(Changed(2, "weight", 0.1, 0.5))
    recording.append(Stepped(2, {"task": 2.0}, {"weight": 0.5, "lr": 0.01}))
    recording.append(looked(2, seed=1))
    recording.append(Embedded(2, np.ones((6, 2)), "pca"))
    return recording


def test_facts_come_back_by_kind_and_in_order(recording):
    assert [f.step for f in recording.stepped] == [1, 2]
    assert recording.changes == (Changed(2, "weight", 0.1, 0.5),)
    assert [type(f).__name__ for f in recording.facts][:3] == ["Snapshot", "Embedded", "Stepped"]


def test_features_are_kept_of_the_latest_look_only(recording):
    assert [look.features.shape[1] for look in recording.snapshots] == [0, 0]
    np.testing.assert_array_equal(recording.latest.features, looked(2, seed=1).features)


def test_a_frame_joins_the_places_with_the_look_they_show(recording):
    first, last = recording.frames
    assert (first.step, last.step) == (0, 2)
    np.testing.assert_array_equal(last.predictions, looked(2, seed=1).predictions)
    assert recording.frame(1).xy.max() == 1


def test_saved_and_loaded_it_is_the_same(recording, tmp_path):
    path = recording.save(tmp_path / "run")
    again = Recording.load(path)
    assert path.name == "run.npz"
    assert again.stepped == recording.stepped
    assert again.changes == recording.changes
    for ours, theirs in zip(again.frames, recording.frames, strict=True):
        np.testing.assert_array_equal(ours.xy, theirs.xy)
        np.testing.assert_array_equal(ours.predictions, theirs.predictions)
        assert ours.numbers == theirs.numbers


def on_the_plane():
    """Two looks at two points of the plane, decision regions behind them."""
    rng, recording = np.random.default_rng(0), Recording()
    labels, is_target = np.array([0, 1]), np.array([False, True])
    for step in range(2):
        behind = Regions(rng.integers(-1, 3, (4, 4)), (-1.0, 0.0, 2.0, 3.0 + step))
        look = Snapshot(step, np.zeros((2, 2)), labels, labels, is_target, {})
        recording.append(replace(look, regions=behind))
        recording.append(Embedded(step, rng.random((2, 2)), "inputs"))
    return recording


def test_decision_regions_come_back_from_a_file(tmp_path):
    recording = on_the_plane()
    again = Recording.load(recording.save(tmp_path / "plane"))
    for ours, theirs in zip(recording.frames, again.frames, strict=True):
        np.testing.assert_array_equal(ours.regions.grid, theirs.regions.grid)
        assert ours.regions.box == theirs.regions.box


def test_decision_regions_that_do_not_fit_are_refused(tmp_path):
    recording, boxes = on_the_plane(), np.tile([0.0, 0, 1, 1], (2, 1))
    for regions, around in (
        (np.zeros((2, 3, 4), int), boxes),
        (np.zeros((1, 4, 4), int), boxes[:1]),
        (np.zeros((2, 4, 4), int), boxes[:1]),
        (np.zeros((2, 4, 4), int), 0 * boxes),
        (np.zeros((2, 4, 4), int), boxes[:, :3]),
        (np.zeros((2, 4, 4)), boxes),
        (np.zeros((2, 4, 4), int), None),
    ):
        path = altered(recording, tmp_path / "bad.npz", regions=regions, boxes=around)
        with pytest.raises(ValueError, match="a recording's parts must fit together"):
            Recording.load(path)


def test_what_is_recorded_cannot_be_changed(recording):
    with pytest.raises(ValueError, match="read-only"):
        recording.frames[0].xy[0] = 5
    with pytest.raises(TypeError):
        recording.stepped[0].losses["task"] = 0


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04 cut off"])
def test_a_foreign_or_broken_file_is_refused(tmp_path, content):
    path = tmp_path / "foreign.npz"
    path.write_bytes(content)
    with pytest.raises(
        ValueError, match=r"a recording must be an .npz file written by save, got .*foreign.npz"
    ):
        Recording.load(path)


def test_an_archive_with_pickled_objects_is_refused_unread(tmp_path):
    path = tmp_path / "pickled.npz"
    np.savez(path, head=np.array([print], dtype=object))
    with pytest.raises(ValueError, match="a recording must be"):
        Recording.load(path)


def test_another_version_is_refused(tmp_path):
    path = tmp_path / "future.npz"
    np.savez(path, head=np.array('{"format": "tltutor-recording", "version": 99, "facts": []}'))
    with pytest.raises(ValueError, match="version 1 to 2, got 'tltutor-recording' version 99"):
        Recording.load(path)


def test_a_failed_save_leaves_the_old_file(recording, tmp_path, monkeypatch):
    path = recording.save(tmp_path / "run.npz")
    old = path.read_bytes()

    def full_disk(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full_disk)
    with pytest.raises(OSError, match="No space left"):
        recording.save(path)
    assert path.read_bytes() == old
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]


# --- what the points are


def points(n=6, **about):
    images = np.random.default_rng(5).integers(0, 256, (n, 3, 8, 8), dtype=np.uint8)
    labels = np.array([0, 1, 2, 0, 1, -1])[:n]
    return Points(
        labels,
        np.arange(n) > 2,
        ("a", "b", "ć"),
        ("s", "t"),
        images=images,
        about={"pair": "s->t", **about},
    )


def same(ours, theirs):
    for name in ("labels", "is_target", "images"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
    assert (ours.class_names, ours.domain_names) == (theirs.class_names, theirs.domain_names)
    assert ours.about == theirs.about


def test_points_come_back_from_a_file(recording, tmp_path):
    recording.describe(points(settings={"weight": np.float32(0.5)}, seed=np.int64(3)))
    again = Recording.load(recording.save(tmp_path / "run.npz"))
    same(again.points, recording.points)
    assert again.points.about == {"pair": "s->t", "settings": {"weight": 0.5}, "seed": 3}
    assert again.points.images.dtype == np.uint8
    assert Recording.load(Recording().save(tmp_path / "empty.npz")).points is None


def test_points_are_said_once_and_for_the_rows_of_the_looks(recording):
    with pytest.raises(ValueError, match="which have 6 rows, got 5 points"):
        recording.describe(points(5))
    recording.describe(points())
    with pytest.raises(ValueError, match="described once"):
        recording.describe(points())


def test_points_cannot_be_changed_and_keep_copies():
    labels = np.array([0, 1])
    kept = Points(labels, [False, True], about={"settings": {"lr": 1}})
    labels[0] = 7
    assert kept.labels.tolist() == [0, 1]
    assert kept.class_names == ("0", "1")
    with pytest.raises(ValueError, match="read-only"):
        kept.labels[0] = 5
    with pytest.raises(TypeError):
        kept.about["pair"] = "other"


def test_images_become_thumbnails_and_vectors_their_first_coordinates():
    def images(array):
        return Points([0, 0], [False, True], images=array).images

    big = np.zeros((2, 3, 96, 192), np.float32)
    big[:, 0] = 1
    small = images(big)
    assert (small.shape, small.dtype) == ((2, 3, 24, 48), np.uint8)
    assert small[0, :, 5, 5].tolist() == [255, 0, 0]
    gray = images(np.full((2, 1, 96, 48), 0.5))
    assert (gray.shape, int(gray.max())) == ((2, 1, 48, 24), 128)
    np.testing.assert_array_equal(
        images(np.arange(40.0).reshape(2, 20)),
        np.arange(40.0, dtype=np.float32).reshape(2, 20)[:, :8],
    )
    assert images(np.zeros((2, 3, 4))) is None
    with pytest.raises(ValueError, match="one row per point"):
        images(np.zeros((3, 4)))


def test_sentences_are_kept_as_texts(tmp_path):
    told = Points([0, 1], [False, True], images=np.array(["good", "bäd"]))
    assert (told.texts, told.images) == (("good", "bäd"), None)
    recording = Recording()
    recording.describe(told)
    assert Recording.load(recording.save(tmp_path / "run.npz")).points.texts == ("good", "bäd")
    with pytest.raises(ValueError, match="one row per point"):
        Points([0, 1], [False, True], images=["one"])
    with pytest.raises(ValueError, match="one row per point"):
        Points([0, 1], [False, True], texts=("one",))


def test_points_of_a_session_say_what_is_run():
    domain = SimpleNamespace
    session = domain(
        snapshot_points=domain(
            labels=np.array([0, 1]),
            is_target=np.array([False, True]),
            shown=np.zeros((2, 3), np.float32),
        ),
        pair=domain(
            name="a->b", class_names=("x", "y"), source=domain(name="a"), target=domain(name="b")
        ),
        network=domain(name="mlp"),
        device="cpu",
        objective=domain(name="dann", batches={"source", "target"}),
        seed=4,
        steps=10,
        values={"weight": 0.3},
        batch_size=8,
        batchnorm="joint",
        outline={"stages": [{"name": "fc"}], "around": {"branch": "none"}},
        settings=(Setting("weight", 1.0, text="How much."),),
    )
    told = Points.of(session, projection="tsne")
    assert told.domain_names == ("a", "b")
    assert told.about["settings"] == {"weight": 0.3, "batch_size": 8, "batchnorm": "joint"}
    assert told.board["stages"] == [{"name": "fc"}]
    assert told.board["around"] == {"branch": "none"}
    (declared,) = told.board["settings"]
    assert (declared["name"], declared["text"], declared["choices"]) == ("weight", "How much.", [])
    wanted = {
        "pair": "a->b",
        "objective": "dann",
        "network": "mlp",
        "device": "cpu",
        "seed": 4,
        "steps": 10,
        "projection": "tsne",
    }
    assert {name: told.about[name] for name in wanted} == wanted
    assert told.about["target_labels"] == "used only to judge"
    session.objective.batches.add("labeled")
    assert Points.of(session).about["target_labels"] == "a few trained it, the others only judge"
    assert set(told.about["versions"]) == {"tltutor", "python", "torch", "numpy"}


# --- files


def test_a_file_of_version_1_still_loads(recording, tmp_path):
    facts = [recording_files._headline(fact) for fact in recording.facts]
    head = {"format": "tltutor-recording", "version": 1, "facts": facts}
    looks = recording.snapshots
    np.savez_compressed(
        tmp_path / "old.npz",
        head=np.array(json.dumps(head)),
        labels=looks[0].labels,
        is_target=looks[0].is_target,
        predictions=np.stack([look.predictions for look in looks]),
        xy=np.stack([placed.xy for placed in recording.embedded]),
    )
    again = Recording.load(tmp_path / "old.npz")
    assert again.stepped == recording.stepped
    assert again.points is None
    np.testing.assert_array_equal(again.frame(1).predictions, recording.frame(1).predictions)


def flow(step):
    """What pulls at one step, with something for each of the six points too."""
    pulls = (
        Pull("conv1", "stage", trains=False, task=0.1234567891, transfer=step / 3, cosine=-0.25),
        Pull("head", "head", trains=True, task=2.0, transfer=0.0, cosine=math.nan),
        Pull("discriminator", "objective", trains=True, task=0.0, transfer=0.5, cosine=math.nan),
    )
    each = np.full(6, step)
    field = Regions(np.zeros((2, 2)), (0, 0, 1, 1))
    return Flow(pulls, {"conv1": 0.75, "fc1": math.nan}, each, each, each, {"conv1": field})


@pytest.fixture
def flowing():
    """A recording whose looks at steps 0 and 4 have a flow, and whose look at step 2 has none."""
    recording = Recording()
    for step in (0, 2, 4):
        recording.append(replace(looked(step, seed=step), flow=None if step == 2 else flow(step)))
        recording.append(Embedded(step, np.zeros((6, 2)), "pca"))
    return recording


def test_frames_keep_what_is_true_of_each_point_looks_the_few_numbers_and_the_latest_look_all(
    flowing,
):
    first, second, third = flowing.frames
    assert second.flow is None
    for step, frame in ((0, first), (4, third)):
        assert repr(frame.flow.pulls) == repr(flow(step).pulls)
        assert frame.flow.separation["conv1"] == 0.75
        assert frame.flow.losses.tolist() == flow(step).losses.tolist()
        assert frame.flow.fields == {}
    assert [look.flow is None for look in flowing.snapshots] == [False, True, False]
    assert all(look.flow.losses is None for look in flowing.snapshots if look.flow)
    assert flowing.latest.flow.losses.tolist() == [4.0] * 6
    assert [frame.flow is None for frame in flowing.until(2).frames] == [False, True]


def test_a_flow_comes_back_from_a_file_to_six_digits(flowing, tmp_path):
    again = Recording.load(flowing.save(tmp_path / "run"))
    assert [frame.flow is None for frame in again.frames] == [False, True, False]
    for ours, theirs in ((again.frame(0), flowing.frame(0)), (again.frame(2), flowing.frame(2))):
        for pull, wanted in zip(ours.flow.pulls, theirs.flow.pulls, strict=True):
            assert (pull.part, pull.kind, pull.trains) == (wanted.part, wanted.kind, wanted.trains)
            numbers = (pull.task, pull.transfer, pull.cosine)
            expected = (wanted.task, wanted.transfer, wanted.cosine)
            assert numbers == pytest.approx(expected, rel=1e-5, nan_ok=True)
        assert ours.flow.separation == pytest.approx(theirs.flow.separation, nan_ok=True)
        assert list(ours.flow.separation) == ["conv1", "fc1"]


def test_a_file_without_a_flow_still_loads_and_an_earlier_tltutor_reads_one_with_it(
    recording, flowing, tmp_path
):
    again = Recording.load(recording.save(tmp_path / "old"))
    assert [frame.flow for frame in again.frames] == [None, None]
    head = json.loads(recording_files._pack(flowing.facts, None)["head"].tobytes())
    assert head["version"] == 2
    text = json.dumps(head, allow_nan=False)  # JSON has no NaN
    assert len(text) < 2000
    looks = [fact for fact in head["facts"] if fact[0] == "Snapshot"]
    assert [len(look) for look in looks] == [4, 3, 4]
    assert all(
        look[:3] == ["Snapshot", step, {"target_accuracy": 0.5}]
        for look, step in zip(looks, (0, 2, 4), strict=True)
    ), "what earlier versions read is where it was, and they read no further"


def test_a_runs_flow_is_recorded_by_its_steps(tmp_path):
    import tltutor as tl

    pair = tl.load_pair("moons->rotated-moons")
    session = tl.Session(
        pair, tl.build_network("mlp", pair), tl.objectives.DANN(), steps=4, snapshot_every=2
    )
    session.flow = True
    recording = Recording()
    for fact in session:
        recording.append(fact)
        if isinstance(fact, Snapshot):
            recording.append(Embedded(fact.step, np.zeros((len(fact.labels), 2)), "pca"))
    again = Recording.load(recording.save(tmp_path / "run"))
    assert [frame.step for frame in again.frames] == [2, 4]
    for frame in again.frames:
        parts = [pull.part for pull in frame.flow.pulls]
        assert parts == ["hidden1", "hidden2", "head", "discriminator"]
        assert list(frame.flow.separation) == ["hidden1", "hidden2"]


def altered(recording, path, **changes):
    """The recording's file with some of its arrays, or with things in its head, exchanged; None takes an array away."""
    parts = recording_files._pack(recording.facts, recording.points)
    head = json.loads(parts["head"].tobytes())
    parts |= {name: value for name, value in changes.items() if name in parts}
    head |= {name: value for name, value in changes.items() if name not in parts}
    if "head" not in changes:
        parts["head"] = np.frombuffer(json.dumps(head).encode(), np.uint8)
    np.savez_compressed(path, **{name: value for name, value in parts.items() if value is not None})
    return path


FAULTS = {
    "fewer places than told": {"xy": np.zeros((1, 6, 2), np.float32)},
    "no looks": {"predictions": None},
    "places in words": {"xy": np.full((2, 6, 2), "x")},
    "other rows": {"xy": np.zeros((2, 5, 2), np.float32)},
    "another kind of fact": {"facts": [["Run", 3]]},
    "a step in words": {"facts": [["Stepped", "3", {}, {}]]},
    "numbers in words": {"facts": [["Stepped", 3, {"task": "low"}, {}]]},
    "a pull of another kind": {
        "facts": [["Snapshot", 3, {}, {"pulls": [["a", "b", True, 1, 1, 1]], "separation": {}}]]
    },
    "a pull of too few numbers": {
        "facts": [["Snapshot", 3, {}, {"pulls": [["a", "head", True, 1]], "separation": {}}]]
    },
    "a flow without pulls": {"facts": [["Snapshot", 3, {}, {"separation": {}}]]},
    "too few words": {"facts": [["Changed", 3, "weight"]]},
    "facts that are a number": {"facts": 5},
    "points that are a word": {"points": "all"},
    "points of other rows": {
        "point_labels": np.zeros(5, np.int16),
        "point_is_target": np.zeros(5, bool),
        "images": None,
    },
    "points without labels": {"point_labels": None},
    "a head that is no JSON": {"head": np.frombuffer(b"{", np.uint8)},
    "a head that is a list": {"head": np.frombuffer(b"[]", np.uint8)},
    "a head too deep": {"head": np.frombuffer(b"[" * 200_000, np.uint8)},
    "no head": {"head": None},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_does_not_fit_together_is_refused_in_one_sentence(recording, tmp_path, fault):
    recording.describe(points())
    path = altered(recording, tmp_path / "bad.npz", **FAULTS[fault])
    with pytest.raises(ValueError) as caught:
        Recording.load(path)
    assert "\n" not in str(caught.value)
    assert re.match("a recording('s parts)? must|points must have", str(caught.value))


def test_a_truncated_file_is_refused(recording, tmp_path):
    path = recording.save(tmp_path / "run.npz")
    whole = path.read_bytes()
    for length in (10, len(whole) // 2, len(whole) - 5):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="a recording must be"):
            Recording.load(path)


def test_a_file_that_unpacks_to_more_than_is_sane_is_refused_unread(
    recording, tmp_path, monkeypatch
):
    path = recording.save(tmp_path / "run.npz")
    monkeypatch.setattr(recording_files, "LARGEST", 1000)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("nothing is unpacked"))
    with pytest.raises(ValueError, match="would unpack to"):
        Recording.load(path)


def test_an_array_that_claims_more_than_it_holds_is_refused(tmp_path):
    """NumPy's own reader would set aside what the array's header claims before it reads."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f4", "fortran_order": False, "shape": (1 << 40,)}
    )
    with zipfile.ZipFile(tmp_path / "claims.npz", "w") as archive:
        archive.writestr("head.npy", header.getvalue() + b"1234")
    with pytest.raises(ValueError, match=r"a recording must be .*cannot reshape"):
        Recording.load(tmp_path / "claims.npz")


def test_nothing_is_run_when_a_pickle_is_met(tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "sprung"),)

    np.savez(tmp_path / "trap.npz", head=np.array([Trap()], dtype=object))
    with pytest.raises(ValueError, match="Python objects"):
        Recording.load(tmp_path / "trap.npz")
    assert not (tmp_path / "sprung").exists()


def test_the_suffix_may_be_left_out_on_both_ways(recording, tmp_path):
    recording.save(tmp_path / "run")
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]
    assert (
        len(Recording.load(tmp_path / "run").facts)
        == len(Recording.load(tmp_path / "run.npz").facts)
        > 0
    )
    (tmp_path / "run.npz").rename(tmp_path / "run")  # a file of just this name goes first
    assert Recording.load(tmp_path / "run").facts


def test_a_missing_folder_is_named_with_a_remedy_that_works(recording, tmp_path):
    folder = tmp_path / "none"
    with pytest.raises(
        FileNotFoundError,
        match=rf"the recording could not be saved .* no folder {folder}: create it first",
    ):
        recording.save(folder / "run.npz")
    folder.mkdir()
    assert recording.save(folder / "run.npz").is_file()


def test_a_missing_file_is_said_as_such(tmp_path):
    with pytest.raises(FileNotFoundError):
        Recording.load(tmp_path / "none.npz")


def test_saving_while_another_thread_appends_gives_a_whole_recording(tmp_path):
    recording, stop = Recording(), threading.Event()

    def run():
        for step in range(1500):  # fewer than are ever thinned
            recording.append(looked(step))
            recording.append(Embedded(step, np.full((6, 2), step), "pca"))
            recording.append(Stepped(step + 1, {"task": 1.0}))
            if stop.is_set():
                return

    thread = threading.Thread(target=run)
    thread.start()
    try:
        for k in range(8):
            again = Recording.load(recording.save(tmp_path / f"{k}.npz"))
            assert [frame.xy[0, 0] for frame in again.frames] == [
                frame.step for frame in again.frames
            ]
            assert len(again.snapshots) - again.frame_count in (0, 1)
    finally:
        stop.set()
        thread.join()


def test_a_file_is_compact(recording, tmp_path):
    parts = recording_files._pack(recording.facts, points())
    assert {name: str(array.dtype) for name, array in parts.items()} == {
        "head": "uint8",
        "labels": "int16",
        "is_target": "bool",
        "predictions": "int16",
        "xy": "float32",
        "point_labels": "int16",
        "point_is_target": "bool",
        "images": "uint8",
    }


# --- long runs, and runs that go on from an earlier step


def long_run(frames, moves=2, steps=1):
    """Looks at 0, 1, 2, … each drawn `moves` times, and `steps` steps after each; predictions and places say which look it was."""
    facts, zeros = [], np.zeros(3, int)
    for k in range(frames):
        facts.append(Snapshot(k, np.zeros((3, 2)), zeros, zeros + k, zeros > 0, {"k": float(k)}))
        facts += [Embedded(k, np.full((3, 2), k), "pca")] * moves
        facts += [Stepped(k + 1, {"task": float(k)})] * steps
        facts += [Changed(k + 1, "weight", k, k + 1)] if k % 500 == 0 else []
    return facts


def test_a_long_run_keeps_at_most_2000_frames_that_still_fit_together():
    recording = Recording()
    facts = long_run(3000)
    for fact in facts:
        recording.append(fact)
    assert 1000 <= recording.frame_count <= 2000
    assert len(recording.embedded) == recording.frame_count
    assert len(recording.snapshots) <= recording.frame_count
    for frame in recording.frames:
        assert (frame.xy == frame.step).all()
        assert (frame.predictions == frame.step).all()
    steps = [frame.step for frame in recording.frames]
    assert (steps[0], steps[-1]) == (0, 2999)
    assert max(np.diff(steps)) <= 4
    assert np.mean(np.array(steps) < 1500) > 0.15  # the beginning does not fade
    assert recording.changes == tuple(f for f in facts if isinstance(f, Changed))


def test_a_thinned_run_saves_and_loads_the_frames_it_has(tmp_path):
    recording = Recording()
    for fact in long_run(1500):
        recording.append(fact)
    again = Recording.load(recording.save(tmp_path / "long"))
    assert [(f.step, f.xy[0, 0], f.predictions[0]) for f in again.frames] == [
        (f.step, f.xy[0, 0], f.predictions[0]) for f in recording.frames
    ]


def test_many_steps_and_many_looks_without_a_map_stay_bounded_too():
    recording = Recording()
    for fact in long_run(4500, moves=0, steps=10):
        recording.append(fact)
    assert len(recording.stepped) <= 20_000
    assert (recording.stepped[0].step, recording.stepped[-1].step) == (1, 4500)
    assert len(recording.snapshots) <= 4000
    assert len(recording.facts) < 24_100


def test_until_a_step_is_what_happened_up_to_it(recording):
    recording.append(Finished(2))
    early = recording.until(0)
    assert [f.step for f in early.frames] == [0]
    assert [type(f) for f in early.facts] == [Snapshot, Embedded]
    whole = recording.until(2)
    assert [(type(f), f.step) for f in whole.facts] == [
        (type(f), f.step) for f in recording.facts[:-1]
    ]
    assert recording.frame_count == 2
