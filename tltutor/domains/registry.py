"""The pairs by name, each declared once: what it needs, which options it has, and which function builds it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tltutor.domains import (
    bankruptcy,
    bearings,
    boxed_photos,
    digits,
    heart,
    opinions,
    photos,
    real,
    scenes,
    sentences,
    shifts,
    speech,
    toys,
)
from tltutor.settings import Setting, check_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tltutor.domains.pair import DomainPair


@dataclass(frozen=True)
class PairRecord:
    """One known pair: a sentence about it, the data sets it needs (none: embedded), its options and its builder."""

    name: str
    title: str
    build: Callable[..., DomainPair]
    options: tuple[Setting, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def embedded(self) -> bool:
        return not self.needs


def _fixed(name: str, default: float | str, low: float, high: float, **more: Any) -> Setting:
    """An option of a pair: it is chosen before the run, so it is never live."""
    return Setting(name, default, low, high, live=False, **more)


_SIZE = _fixed("size", 28, 16, 64, text="Height and width of the images.", scale="int", unit="px")
_N_SAMPLES = _fixed("n_samples", 600, 30, 20000, text="Examples in each sample.", scale="int")
_PHOTO = _fixed(
    "severity",
    0.7,
    0,
    1,
    text="Strength of the photograph behind the digit: 0 is the plain digit, 1 is MNIST-M's recipe.",
)
_SHARE = _fixed("severity", 1.0, 0, 1, text="Share of the shift that acts: 0 is no shift.")
_SHARE_OF_SET = _fixed(
    "n_samples",
    0,
    0,
    60000,
    text="Training examples drawn from each side: 0 takes all.",
    scale="int",
)
_BITS = _fixed(
    "bits", 11, 6, 14, text="Vectors have 2^bits places for hashed words.", scale="int", unit="bits"
)
_NGRAMS = _fixed(
    "ngrams",
    1,
    1,
    3,
    text="Longest run of words that is counted as one word.",
    scale="int",
    unit="words",
)
_INPUTS = _fixed(
    "inputs",
    "counts",
    0,
    0,
    text="What a text becomes: counts of hashed words, token ids of hashed words, or a BERT's word pieces.",
    scale="choice",
    choices=sentences.INPUTS,
)
_LENGTH = _fixed(
    "length",
    64,
    8,
    512,
    text="Token ids of the longest text; longer ones are cut.",
    scale="int",
    unit="tokens",
)
_LENGTH_OF_REVIEWS = replace(_LENGTH, default=128)
_NOISE = _fixed(
    "noise", 0.1, 0, 1, text="Standard deviation of the points around their half circle."
)
_FOG = _fixed("fog", 2.0, 0, 4, text="Density of the fog at the horizon: 0 is clear air.")
_SHIFTS = tuple(setting for _, setting in shifts.SHIFTS.values())


def _angle(default: float) -> Setting:
    return _fixed(
        "angle",
        default,
        -180,
        180,
        text="Angle by which the target is rotated about the origin.",
        unit="degrees",
    )


def _domains(default: int) -> Setting:
    text = "Domains on the path; the last one is the target."
    return _fixed("domains", default, 1, 60, text=text, scale="int")


_RECORDS = (
    PairRecord(
        "digits->photo-digits",
        "Handwritten digits, and others blended into photographs.",
        digits.photo_digits,
        (_PHOTO, _SIZE),
    ),
    PairRecord(
        "printed->digits",
        "Printed digits in many fonts, and handwritten ones.",
        digits.printed_to_handwritten,
        (_SIZE,),
    ),
    PairRecord(
        "digits->shifted-digits",
        "Handwritten digits, and others rotated, thickened, blurred, faded, inverted or noisy.",
        digits.shifted_digits,
        (_SHARE, _SIZE, *_SHIFTS),
    ),
    PairRecord(
        "digits->turning-digits",
        "Handwritten digits, and a path of domains on which others turn.",
        digits.turning_digits,
        (_angle(60.0), _domains(12), _SIZE),
    ),
    PairRecord(
        "clear->foggy",
        "Digits in photographs, with boxes, and others in fog.",
        scenes.clear_to_foggy,
        (_FOG,),
    ),
    PairRecord(
        "moons->rotated-moons",
        "Two half moons, and the same rotated.",
        toys.rotated_moons,
        (_angle(30.0), _NOISE, _N_SAMPLES),
    ),
    PairRecord(
        "moons->turning-moons",
        "Two half moons, and a path of domains on which they turn.",
        toys.turning_moons,
        (_angle(100.0), _domains(20), _NOISE, _N_SAMPLES),
    ),
    PairRecord(
        "blobs->rotated-blobs",
        "Three blobs, and the same rotated.",
        toys.rotated_blobs,
        (_angle(40.0), _N_SAMPLES),
    ),
    PairRecord(
        "wave->covariate-shift",
        "Points below and above the left part of a wave; by the same rule, points around its right part.",
        toys.covariate_shift,
        (_SHARE, _N_SAMPLES),
    ),
    PairRecord(
        "blobs->label-shift",
        "Three blobs, and the same in other proportions.",
        toys.label_shift,
        (_SHARE, _N_SAMPLES),
    ),
    PairRecord(
        "blobs->conditional-shift",
        "Three blobs, each moved in another direction.",
        toys.conditional_shift,
        (_SHARE, _N_SAMPLES),
    ),
    PairRecord(
        "bands->subspace-shift",
        "Three bands, and others at the same heights with the opposite slant.",
        toys.subspace_shift,
        (_SHARE, _N_SAMPLES),
    ),
    PairRecord(
        "mnist->usps",
        "MNIST's digits, and USPS's from envelopes.",
        real.mnist_to_usps,
        (_SHARE_OF_SET,),
        ("mnist", "usps"),
    ),
    PairRecord(
        "usps->mnist",
        "USPS's digits, and MNIST's.",
        real.usps_to_mnist,
        (_SHARE_OF_SET,),
        ("usps", "mnist"),
    ),
    PairRecord(
        "mnist->mnist-m",
        "MNIST's digits, and others in photographs.",
        real.mnist_to_mnist_m,
        (_SHARE_OF_SET,),
        ("mnist", "mnist-m"),
    ),
    PairRecord(
        "products->films",
        "Sentences with an opinion: about products, and about films.",
        sentences.products_to_films,
        (_BITS, _NGRAMS, _INPUTS, _LENGTH),
        ("sentences",),
    ),
    PairRecord(
        "products->restaurants",
        "Sentences with an opinion: about products, and about restaurants.",
        sentences.products_to_restaurants,
        (_BITS, _NGRAMS, _INPUTS, _LENGTH),
        ("sentences",),
    ),
    PairRecord(
        "products->news",
        "Sentences with an opinion: about products, and good or bad news about companies.",
        opinions.products_to_news,
        (_BITS, _NGRAMS, _INPUTS, _LENGTH),
        ("sentences", "financial-phrasebank"),
    ),
    PairRecord(
        "reviews->reviews",
        "Reviews with an opinion: of one kind of goods, and of another.",
        opinions.reviews_to_reviews,
        (*opinions.CHOICES, _BITS, _NGRAMS, _INPUTS, _LENGTH_OF_REVIEWS),
        ("amazon-reviews",),
    ),
    PairRecord(
        "pacs",
        "Photographs, paintings, cartoons or sketches of animals and things: any two of these domains.",
        photos.pacs,
        photos.PACS.options,
        ("pacs",),
    ),
    PairRecord(
        "office-caltech",
        "Things in an office, by a shop, the web, a good camera or a simple one: any two of these domains.",
        photos.office_caltech,
        photos.OFFICE_CALTECH.options,
        ("office-caltech",),
    ),
    PairRecord(
        "people-in-art",
        "People in photographs, cartoons or paintings, with boxes: any two of these domains.",
        boxed_photos.people_in_art,
        boxed_photos.PEOPLE_OPTIONS,
        ("people-art",),
    ),
    PairRecord(
        "blood-cells",
        "Smears of blood, with boxes of three kinds of cells, and others as if stained otherwise.",
        boxed_photos.blood_cells,
        boxed_photos.BLOOD_OPTIONS,
        ("bccd",),
    ),
    PairRecord(
        "speaker->speaker",
        "Spoken digits as log-mel pictures: by one speaker, and by another.",
        speech.speaker_to_speaker,
        speech.OPTIONS,
        ("spoken-digits",),
    ),
    PairRecord(
        "hospital->hospital",
        "Patients with and without heart disease: of one hospital, and of another.",
        heart.hospital_to_hospital,
        heart.OPTIONS,
        ("heart-disease",),
    ),
    PairRecord(
        "five-years->one-year",
        "Companies five years before a bankruptcy or none, and others one year before.",
        bankruptcy.years_before,
        (),
        ("bankruptcy",),
    ),
    PairRecord(
        "load->load",
        "Spectra of a motor with bearing faults: at one load, and at another.",
        bearings.load_to_load,
        bearings.OPTIONS,
        ("bearing-faults",),
    ),
)

PAIRS: Mapping[str, PairRecord] = {record.name: record for record in _RECORDS}


def pair_names() -> tuple[str, ...]:
    """Names of all pairs; those that need no download come first."""
    return tuple(
        sorted(PAIRS, key=lambda name: not PAIRS[name].embedded)
    )  # sorted() keeps the order of equals


def load_pair(
    name: str, *, data_dir: str | Path | None = None, seed: int = 0, **options: Any
) -> DomainPair:
    """Build the pair called `name`, drawn by `seed`; `options` are those of its record, e.g. severity=0.4 or rotation=20.

    `data_dir` is the folder of downloaded sets (default: $TLTUTOR_DATA, the checkout's data folder, the user's data folder);
    embedded pairs ignore it.
    Errors: ValueError for unknown names and values out of bounds, FileNotFoundError for a missing set.
    """
    record = PAIRS[check_name(name, pair_names(), what="pair")]
    known = {setting.name: setting for setting in record.options}
    for option in options:
        check_name(option, known, what=f"option of the pair {name!r}")
    values = {
        option: setting.check(options.get(option, setting.default))
        for option, setting in known.items()
    }
    where = {} if record.embedded else {"data_dir": data_dir}
    return record.build(seed=_check_seed(seed), **where, **values)


def _check_seed(seed: Any) -> int:
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"seed must be a whole number of 0 or more, got {seed!r}")
    return int(seed)
