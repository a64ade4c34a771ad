"""Where sets are looked for, what is said when one is missing, and what verify finds in whole, foreign and broken files."""

import bz2
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tltutor.domains import MissingSetError, data_roots, find_set, list_sets, sets, verify


def touch(root, files):
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_bytes(b"x")


@pytest.fixture
def places(tmp_path, monkeypatch):
    """A named root and a user folder, both empty; no others."""
    named, user = tmp_path / "named", tmp_path / "user"
    monkeypatch.setenv("TLTUTOR_DATA", str(named))
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: user)
    return named, user


def test_a_given_folder_is_the_only_place(tmp_path, places):
    assert data_roots(tmp_path) == (tmp_path,)
    assert data_roots(str(tmp_path)) == (tmp_path,)


def test_else_the_named_one_the_checkout_and_the_users_folder(places, monkeypatch):
    checkout = Path(sets.__file__).parents[2] / "data"
    assert [p for p in data_roots() if p != checkout] == list(places)
    if (checkout.parent / "pyproject.toml").is_file():
        assert data_roots()[1] == checkout
    monkeypatch.delenv("TLTUTOR_DATA")
    assert places[0] not in data_roots()


def test_a_home_folder_is_spelled_out():
    assert data_roots("~/digits") == (Path.home() / "digits",)


def test_the_first_place_that_holds_a_whole_set_wins(places):
    named, user = places
    touch(user, sets.SETS["usps"].layouts[0])
    touch(named, sets.SETS["usps"].layouts[0][:1])
    assert find_set("usps") == user
    touch(named, sets.SETS["usps"].layouts[0])
    assert find_set("usps") == named


def test_a_missing_set_names_the_file_every_place_and_the_command(places):
    named, user = places
    touch(named, ["USPS/usps.bz2"])
    with pytest.raises(MissingSetError) as caught:
        find_set("usps")
    text = str(caught.value)
    assert "needs the file USPS/usps.t.bz2" in text
    assert f"{named} or " in text
    assert f" or {user}:" in text
    assert text.endswith("get it (about 8 MB) with `tltutor data fetch usps`")


def test_an_unknown_set_gets_the_nearest_known_ones():
    for ask in (find_set, verify):
        with pytest.raises(ValueError, match="no data set is called 'minst': did you mean 'mnist"):
            ask("minst")


def test_the_list_says_present_or_missing(tmp_path):
    touch(tmp_path, sets.SETS["mnist-m"].layouts[1])
    by_name = {status.name: status for status in list_sets(tmp_path)}
    assert {"mnist", "usps", "mnist-m", "hymenoptera", "sentences"} <= set(by_name)
    assert by_name["mnist"].remedy == "with `tltutor data fetch mnist`"
    assert by_name["heart-disease"].remedy.startswith("from https://")
    assert by_name["mnist-m"].present
    assert by_name["mnist-m"].where == tmp_path
    assert not by_name["mnist"].present
    assert len(by_name["mnist"].missing) == 4
    assert by_name["mnist"].looked_in == (tmp_path,)


def states(name, root):
    return {check.path: check.state for check in verify(name, root)}


def test_verify_says_missing_for_every_file_that_is_not_there(tmp_path):
    for name in sets.SETS:
        assert set(states(name, tmp_path).values()) == {"missing"}
        assert not any(check.ok for check in verify(name, tmp_path))


def test_verify_holds_mnist_to_its_checksums(tmp_path, monkeypatch):
    files = sets.SETS["mnist"].layouts[0]
    touch(tmp_path, files)
    assert set(states("mnist", tmp_path).values()) == {"broken"}
    monkeypatch.setitem(sets._MNIST, files[0], sets.digest_of(tmp_path / files[0], "md5"))
    assert states("mnist", tmp_path)[files[0]] == "published"


def test_verify_counts_a_usps_that_was_packed_anew(tmp_path):
    (tmp_path / "USPS").mkdir()
    (tmp_path / "USPS" / "usps.bz2").write_bytes(bz2.compress(b"1 1:0\n" * 7291))
    (tmp_path / "USPS" / "usps.t.bz2").write_bytes(bz2.compress(b"1 1:0\n" * 2006))
    checks = verify("usps", tmp_path)
    assert [check.state for check in checks] == ["readable", "broken"]
    assert checks[1].text == "must hold 2007 examples, got 2006"
    (tmp_path / "USPS" / "usps.bz2").write_bytes(b"no archive")
    assert states("usps", tmp_path)["USPS/usps.bz2"] == "broken"


def test_verify_reads_both_editions_of_mnist_m(tmp_path):
    import torch

    (tmp_path / "MNIST-M").mkdir()
    subset = {f"{k}_{part}": np.zeros(3) for k in "xyi" for part in ("train", "test")}
    np.savez(tmp_path / "MNIST-M" / "mnist_m_subset.npz", **subset)
    assert states("mnist-m", tmp_path) == {"MNIST-M/mnist_m_subset.npz": "readable"}
    np.savez(tmp_path / "MNIST-M" / "mnist_m_subset.npz", **subset | {"y_test": np.zeros(2)})
    assert states("mnist-m", tmp_path) == {"MNIST-M/mnist_m_subset.npz": "broken"}
    for part, n in (("train", 60000), ("test", 9)):
        torch.save((torch.zeros(n, 1), torch.zeros(n)), tmp_path / "MNIST-M" / f"mnist_m_{part}.pt")
    assert list(states("mnist-m", tmp_path).values()) == ["readable", "broken"]


def test_verify_opens_every_photograph(tmp_path, monkeypatch):
    for folder in sets._HYMENOPTERA:
        monkeypatch.setitem(sets._HYMENOPTERA, folder, 2)
        (tmp_path / folder).mkdir(parents=True)
        for k in range(2):
            Image.new("RGB", (4, 4)).save(tmp_path / folder / f"{k}.jpg")
    assert set(states("hymenoptera", tmp_path).values()) == {"readable"}
    (tmp_path / "hymenoptera_data/val/bees/0.jpg").write_bytes(b"no photograph")
    (tmp_path / "hymenoptera_data/val/ants/0.jpg").unlink()
    assert list(states("hymenoptera", tmp_path).values()) == [
        "readable",
        "readable",
        "broken",
        "broken",
    ]


def test_addresses_and_checksums_are_torchvisions_and_well_formed():
    from torchvision.datasets import MNIST, USPS

    remotes = {
        remote.path: remote for data_set in sets.SETS.values() for remote in data_set.remotes()
    }
    for file, md5 in MNIST.resources:
        assert remotes[f"MNIST/raw/{file}"].digest == f"md5:{md5}"
        assert remotes[f"MNIST/raw/{file}"].addresses[0] == MNIST.mirrors[0] + file
    for url, file, md5 in USPS.split_list.values():
        assert remotes[f"USPS/{file}"].addresses == (url,)
        assert remotes[f"USPS/{file}"].digest == f"md5:{md5}"
    for remote in remotes.values():
        kind, _, hexadecimal = remote.digest.partition(":")
        assert len(hexadecimal) == {"md5": 32, "sha256": 64}[kind]
        int(hexadecimal, 16)


def test_what_the_remotes_give_is_the_first_layout():
    for data_set in sets.SETS.values():
        assert bool(data_set.remotes()) != bool(data_set.origin)
        if data_set.origin:
            continue
        given = {file for remote in data_set.remotes() for file in remote.gives}
        assert given == set(data_set.layouts[0])
