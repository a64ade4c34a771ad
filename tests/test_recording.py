"""A recording gives back what it was told, from memory and from a file, and refuses what is not one."""

import numpy as np
import pytest

from tltutor.events import Changed, Looked, Placed, Stepped
from tltutor.recording import Recording


def looked(step, seed=0):
    rng = np.random.default_rng(seed)
    features, labels = rng.normal(size=(6, 3)).astype(np.float32), np.array([0, 1, 2, 0, 1, -1])
    return Looked(step, features, labels, rng.integers(0, 3, 6), np.arange(6) > 2, {"target_accuracy": 0.5})


@pytest.fixture
def recording():
    recording = Recording()
    recording.append(looked(0))
    recording.append(Placed(0, np.zeros((6, 2)), "pca"))
    recording.append(Stepped(1, {"task": 2.3}, {"weight": 0.1, "lr": 0.01}))
    recording.append(Changed(2, "weight", 0.1, 0.5))
    recording.append(Stepped(2, {"task": 2.0}, {"weight": 0.5, "lr": 0.01}))
    recording.append(looked(2, seed=1))
    recording.append(Placed(2, np.ones((6, 2)), "pca"))
    return recording


def test_facts_come_back_by_kind_and_in_order(recording):
    assert [f.step for f in recording.stepped] == [1, 2]
    assert recording.changes == (Changed(2, "weight", 0.1, 0.5),)
    assert [type(f).__name__ for f in recording.facts][:3] == ["Looked", "Placed", "Stepped"]


def test_features_are_kept_of_the_latest_look_only(recording):
    assert [look.features.shape[1] for look in recording.looks] == [0, 0]
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


def test_what_is_recorded_cannot_be_changed(recording):
    with pytest.raises(ValueError, match="read-only"):
        recording.frames[0].xy[0] = 5
    with pytest.raises(TypeError):
        recording.stepped[0].losses["task"] = 0


@pytest.mark.parametrize("content", [b"", b"not an archive", b"PK\x03\x04 cut off"])
def test_a_foreign_or_broken_file_is_refused(tmp_path, content):
    path = tmp_path / "foreign.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"a recording must be an .npz file written by save, got .*foreign.npz"):
        Recording.load(path)


def test_an_archive_with_pickled_objects_is_refused_unread(tmp_path):
    path = tmp_path / "pickled.npz"
    np.savez(path, head=np.array([print], dtype=object))
    with pytest.raises(ValueError, match="a recording must be"):
        Recording.load(path)


def test_another_version_is_refused(tmp_path):
    path = tmp_path / "future.npz"
    np.savez(path, head=np.array('{"format": "tltutor-recording", "version": 99, "facts": []}'))
    with pytest.raises(ValueError, match="version 1, got 'tltutor-recording' version 99"):
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
