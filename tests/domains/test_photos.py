"""Pairs of pictures: made folders of the same layout, what is missing, halves of one domain, hidden middles, and the real ones."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tltutor.domains import PAIRS, MissingSetError, load_pair
from tltutor.domains.photos import GRAY, OFFICE_CALTECH, PACS, with_gray_square

RNG = np.random.default_rng(0)
CLASSES = ("dog", "house")
EACH = 10


def write_pictures(root, photos, place):
    """Pictures whose color says the domain; no two are alike."""
    for k, domain in enumerate(photos.domains):
        for name in CLASSES:
            folder = root / place / domain / name
            folder.mkdir(parents=True)
            for i in range(EACH):
                pixels = RNG.integers(0, 40, (36, 36, 3)).astype(np.uint8) + 50 * k
                Image.fromarray(pixels).save(folder / f"{i}.png")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("root")
    write_pictures(root, PACS, "PACS-mini")
    return root


def same_images(a, b):
    return {x.tobytes() for x in a.x} & {x.tobytes() for x in b.x}


def test_any_two_domains_are_a_pair_split_by_seed(root):
    for source, target in itertools.permutations(PACS.domains, 2):
        pair = load_pair("pacs", data_dir=root, source=source, target=target, size=36)
        assert pair.name == f"{source}->{target}"
        assert pair.class_names == CLASSES
        assert [len(part) for part in pair.domains()] == [14, 14, 6, 6]
        for part, name in ((pair.source, source), (pair.target, target)):
            assert part.x.min() >= 50 * PACS.domains.index(name)
            assert part.x.max() < 50 * PACS.domains.index(name) + 40
    first, again, other = (load_pair("pacs", data_dir=root, seed=s, size=36) for s in (1, 1, 2))
    assert np.array_equal(first.source.x, again.source.x)
    assert not np.array_equal(first.source.x, other.source.x)
    assert not same_images(first.source, first.source_test)
    assert not same_images(first.target, first.target_test)


def test_a_domain_against_itself_is_two_halves(root):
    pair = load_pair("pacs", data_dir=root, source="photo", target="photo", size=36)
    assert len({x.tobytes() for part in pair.domains() for x in part.x}) == 2 * EACH
    assert sum(map(len, pair.domains())) == 2 * EACH


def test_the_middle_can_be_hidden(root):
    x = RNG.integers(0, 100, (2, 3, 8, 12)).astype(np.uint8)
    hidden = with_gray_square(x, 0.5)
    assert (hidden == GRAY).sum() == 2 * 3 * 4 * 6
    assert (hidden[:, :, 2:6, 3:9] == GRAY).all()
    assert np.array_equal(with_gray_square(x, 0.0), x)
    pair = load_pair("pacs", data_dir=root, size=36, hidden=1)
    assert all((part.x == GRAY).all() for part in pair.domains())


def test_a_missing_folder_is_one_sentence_whose_remedy_works(tmp_path):
    with pytest.raises(MissingSetError) as caught:
        load_pair("office-caltech", data_dir=tmp_path)
    text = str(caught.value)
    assert (
        f"needs the folder office_caltech10/amazon with a folder of pictures for each class, and it is not in {tmp_path}"
        in text
    )
    assert re.search("get it from https://", text)
    write_pictures(tmp_path, OFFICE_CALTECH, "office_caltech10")
    assert load_pair("office-caltech", data_dir=tmp_path, size=32).name == "amazon->webcam"


def test_an_unknown_domain_gets_the_nearest_known_one():
    with pytest.raises(ValueError, match=r"no source is called 'foto': did you mean 'photo'"):
        load_pair("pacs", source="foto")


def test_they_are_known_to_need_files():
    assert not PAIRS["pacs"].embedded
    assert not PAIRS["office-caltech"].embedded


@pytest.mark.parametrize(
    ("name", "photos", "classes"), [("pacs", PACS, 7), ("office-caltech", OFFICE_CALTECH, 10)]
)
def test_real_pictures_of_every_class_are_on_both_sides(data_root: Path, name, photos, classes):
    if not any((data_root / place).is_dir() for place in photos.places):
        pytest.skip(f"no real data: {name} is not there")
    pair = load_pair(name, data_dir=data_root, target=photos.domains[2], size=32)
    for part in pair.domains():
        assert part.shape == (3, 32, 32)
        assert len(np.unique(part.y)) == classes
