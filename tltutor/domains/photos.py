"""Pairs of pictures from a data root: any two domains of PACS or Office-Caltech-10, one against itself, or with the middle hidden."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from tltutor.domains.domain import Domain
from tltutor.domains.folders import read_folder
from tltutor.domains.pair import DomainPair
from tltutor.domains.sets import MissingSetError
from tltutor.domains.splits import split_domain, split_pair
from tltutor.files import data_roots
from tltutor.settings import Setting

GRAY = 128
HELD_OUT = 0.3  # share of each side that judges


@dataclass(frozen=True)
class PhotoSet:
    """Pictures of the same classes in several domains, each in its own folder below one of `places`, which differ by edition.

    source: who made it and where it is; it cannot be fetched by a program.
    """

    name: str
    domains: tuple[str, ...]
    places: tuple[str, ...]
    source: str

    @property
    def options(self) -> tuple[Setting, ...]:
        """What a pair of this set is asked: the two domains, the pictures' size, and how much of their middle is hidden."""
        choice = Setting("", self.domains[0], scale="choice", choices=self.domains, live=False)
        return (
            replace(choice, name="source", text="Domain with labels."),
            replace(
                choice,
                name="target",
                default=self.domains[-1],
                text="Domain without labels; the source itself makes two halves of it.",
            ),
            SIZE,
            HIDDEN,
        )

    def folder(self, domain: str, data_dir: str | Path | None) -> Path:
        """Return the domain's folder in the first data root that has it. Errors: MissingSetError with folder, places, remedy."""
        roots = data_roots(data_dir)
        for root in roots:
            for place in self.places:
                if (root / place / domain).is_dir():
                    return root / place / domain
        raise MissingSetError(
            f"the pair {self.name!r} needs the folder {self.places[0]}/{domain} with a folder of pictures for each class, and it is"
            f" not in {' or '.join(map(str, roots))}: get it from {self.source} and unpack it there"
        )


SIZE = Setting(
    "size", 96, 32, 256, "int", unit="px", text="Height and width of the images.", live=False
)
HIDDEN = Setting(
    "hidden",
    0.0,
    0.0,
    1.0,
    text="Side of a gray square in the middle of every picture, as a share of the picture's: what is then left is mostly background.",
    live=False,
)
PACS = PhotoSet(
    "pacs",
    ("photo", "art_painting", "cartoon", "sketch"),
    ("PACS", "PACS-mini"),
    "https://dali-dl.github.io/project_iccv2017.html (Li et al., 2017)",
)
OFFICE_CALTECH = PhotoSet(
    "office-caltech",
    ("amazon", "caltech10", "dslr", "webcam"),
    ("office_caltech10", "office_caltech10_mini"),
    "https://github.com/jindongwang/transferlearning (data/dataset.md; Gong et al., 2012)",
)


def photo_pair(
    photos: PhotoSet,
    *,
    data_dir: str | Path | None,
    seed: int,
    source: str,
    target: str,
    size: int,
    hidden: float,
) -> DomainPair:
    """Return two domains of a set, 3 x size x size; of each, 30 % judge.

    The same domain twice is split in two halves: between these there is no shift (an A/A test). hidden: share of a picture's
    side that a gray square in its middle takes.
    Errors: MissingSetError; those of `read_folder` and `split_pair`.
    """
    ours = photo_domain(photos, source, data_dir=data_dir, size=size, hidden=hidden)
    if source == target:
        first, second = split_domain(ours, 0.5, seed=seed)
        theirs, ours = replace(second, name=f"{target} again"), first
    else:
        theirs = photo_domain(photos, target, data_dir=data_dir, size=size, hidden=hidden)
    return split_pair(ours, theirs, validation=HELD_OUT, test=HELD_OUT, seed=seed)


def pacs(**options: Any) -> DomainPair:
    """Return two domains of PACS (Li et al., 2017): photographs, paintings, cartoons and sketches of 7 classes."""
    return photo_pair(PACS, **options)


def office_caltech(**options: Any) -> DomainPair:
    """Return two domains of Office-Caltech-10 (Gong et al., 2012): 10 kinds of objects by a shop, the web and two cameras."""
    return photo_pair(OFFICE_CALTECH, **options)


def photo_domain(
    photos: PhotoSet,
    name: str,
    *,
    data_dir: str | Path | None = None,
    size: int = SIZE.default,
    hidden: float = 0.0,
) -> Domain:
    """Return all pictures of one domain, 3 x size x size uint8. Errors: MissingSetError; those of `read_folder`."""
    x, y, class_names = _pictures(photos.folder(name, data_dir), size)
    return Domain(name, with_gray_square(x, hidden), y, class_names)


@lru_cache(maxsize=8)
def _pictures(folder: Path, size: int) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    x, y, class_names = read_folder(folder, size=size)
    x.flags.writeable = y.flags.writeable = False
    return x, y, class_names


def with_gray_square(x: np.ndarray, share: float) -> np.ndarray:
    """Return images (n, c, h, w) uint8 with a gray square in the middle of each, `share` of the height and width."""
    h, w = x.shape[2:]
    high, wide = round(h * share), round(w * share)
    top, left = (h - high) // 2, (w - wide) // 2
    hidden = x.copy()
    hidden[:, :, top : top + high, left : left + wide] = GRAY
    return hidden
