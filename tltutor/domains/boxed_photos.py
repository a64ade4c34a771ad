"""Pairs of pictures with boxes from a data root: people in photographs and in art, and blood cells in two stainings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from tltutor.domains.coco import FILE, read_coco
from tltutor.domains.domain import Domain, changed
from tltutor.domains.pair import DomainPair
from tltutor.domains.photos import SIZE
from tltutor.domains.sets import MissingSetError
from tltutor.files import data_roots
from tltutor.settings import Setting

ART = (
    "photo",
    "cartoon",
    "Ukiyo-e",
    "Impressionism",
    "Cubism",
    "PopArt",
    "Realism",
    "ArtNouveau",
)
PEOPLE, BLOOD = ("people_art", "people_art_mini"), ("bccd", "bccd_mini")  # by edition
PEOPLE_FROM = "https://github.com/BathVisArtData/PeopleArt (Cai et al., 2015)"
BLOOD_FROM = "https://github.com/Shenggan/BCCD_Dataset"
_CHOICE = Setting("", ART[0], scale="choice", choices=ART, live=False)
_SIDE = replace(SIZE, default=128, low=64)
PEOPLE_OPTIONS = (
    replace(_CHOICE, name="source", text="Domain with boxes."),
    replace(_CHOICE, name="target", default="cartoon", text="Domain without boxes, another one."),
    _SIDE,
)
STAIN = Setting(
    "stain",
    1.0,
    0.0,
    2.0,
    text="How differently the target's cells are stained: 0 is the same.",
    live=False,
)
BLOOD_OPTIONS = (STAIN, _SIDE)
DENSER = np.array([-0.7, 0.5, -0.3])  # log of the density's factor of red, green, blue at stain 1
WHITE = 255


def people_in_art(
    *,
    data_dir: str | Path | None,
    seed: int,  # noqa: ARG001 - every pair has one
    source: str,
    target: str,
    size: int,
) -> DomainPair:
    """Return people in two kinds of pictures, 3 x size x size; the file's own split says which of them judge.

    Pictures without people are left out. seed changes nothing: no picture is drawn.
    Errors: MissingSetError; ValueError for one domain twice; those of `read_coco`.
    """
    if source == target:
        raise ValueError(
            f"source and target must be different domains, got {source!r} twice: choose another target, such as"
            f" {next(name for name in ART if name != source)!r}"
        )
    train, test = (
        [
            read_coco(
                _folder("people-in-art", PEOPLE, PEOPLE_FROM, data_dir) / name,
                size=size,
                split=split,
                with_boxes=True,
            )
            for name in (source, target)
        ]
        for split in ("train", "test")
    )
    return DomainPair(train[0], train[1], source_test=test[0], target_test=test[1])


def blood_cells(*, data_dir: str | Path | None, seed: int, stain: float, size: int) -> DomainPair:
    """Return smears of blood, and others as if stained otherwise, 3 x size x size, with boxes of three kinds of cells.

    All pictures are halved by seed; of each half the file's test split judges. Errors: MissingSetError; those of `read_coco`.
    """
    folder = _folder("blood-cells", BLOOD, BLOOD_FROM, data_dir)
    rng = np.random.default_rng(seed)
    parts = []
    for splits in (("train", "val"), ("test",)):
        whole = Domain.joined(*(read_coco(folder, size=size, split=split) for split in splits))
        halves = np.array_split(rng.permutation(len(whole)), 2)
        parts.append([changed(whole.take(np.sort(half)), domain_id=None) for half in halves])
    (source, target), (source_test, target_test) = parts
    ours = [replace(part, name="smears") for part in (source, source_test)]
    theirs = [
        replace(part, name="restained", x=restained(part.x, stain))
        for part in (target, target_test)
    ]
    return DomainPair(ours[0], theirs[0], source_test=ours[1], target_test=theirs[1])


def restained(x: np.ndarray, stain: float) -> np.ndarray:
    """Return images x (n, 3, h, w) uint8 as if their dyes were mixed otherwise: densities -log(x / 255) times exp(stain * DENSER).

    By Beer and Lambert's law a density is proportional to the amount of dye (Ruifrok and Johnston, 2001). 0 changes nothing.
    """
    density = -np.log(np.maximum(x, 1) / WHITE)
    factor = np.exp(stain * DENSER)[:, None, None]
    found: np.ndarray = np.round(WHITE * np.exp(-density * factor)).astype(np.uint8)
    return np.where(x == 0, np.uint8(0), found)


def _folder(pair: str, places: tuple[str, ...], source: str, data_dir: str | Path | None) -> Path:
    """Return the set's folder in the first data root that has it. Errors: MissingSetError with folder, places, remedy."""
    roots = data_roots(data_dir)
    for root in roots:
        for place in places:
            if (root / place).is_dir():
                return root / place
    raise MissingSetError(
        f"the pair {pair!r} needs the folder {places[0]} with pictures and their {FILE} in COCO's form, and it is not in"
        f" {' or '.join(map(str, roots))}: get it from {source} and put it there"
    )
