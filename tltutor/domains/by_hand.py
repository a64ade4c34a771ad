"""The sets that a person gets by hand, because their publishers state no checksum: which files, and from where."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from tltutor.domains.formats import read_arff, read_csv, read_mat, read_npz, read_wav

if TYPE_CHECKING:
    from pathlib import Path


class ByHand(NamedTuple):
    """A set: the published files come first in `layouts`, then a smaller edition; `origin` says how to get the former."""

    name: str
    title: str
    size: str
    layouts: tuple[tuple[str, ...], ...]
    origin: str


SPEAKERS = ("george", "jackson", "lucas", "nicolas", "theo", "yweweler")
TAKES = 16  # of each digit and speaker, of the fifty that are published
HOSPITALS = ("cleveland", "hungarian", "switzerland", "va")
HEART_COLUMNS = ("age", "sex", "cp", "trestbps", "chol", "fbs", "restecg", "thalach", "exang",
                 "oldpeak", "slope", "ca", "thal", "num")  # fmt: skip
RATIOS = 64
FAULTS = ("ball 7", "ball 14", "ball 21", "inner 7", "inner 14", "inner 21", "outer 7", "outer 14",
          "outer 21")  # fmt: skip
FIRST_FILE = (
    118,
    185,
    222,
    105,
    169,
    209,
    130,
    197,
    234,
)  # of each fault, at load 0; 1, 2, 3 follow
LOADS = (0, 1, 2, 3)  # horsepower

CATEGORIES = ("books", "dvd", "electronics", "kitchen")
WORDS_KEPT = 120  # of a review

SPEECH_MINI = "spoken_digits/fsdd_mini.npz"
HEART_MINI = tuple(f"heart_disease/{hospital}.csv" for hospital in HOSPITALS)
BANKRUPTCY_MINI = "bankruptcy/polish_mini.npz"
BEARINGS_MINI = "bearing_faults/cwru_mini.npz"
REVIEWS_FOLDERS = tuple(
    f"amazon_reviews/sorted_data_acl/{name}"
    for name in ("books", "dvd", "electronics", "kitchen_&_housewares")
)
REVIEWS_MINI = tuple(f"amazon_reviews/{name}.jsonl" for name in CATEGORIES)
NEWS = "financial_phrasebank/FinancialPhraseBank-v1.0/Sentences_50Agree.txt"
NEWS_MINI = "financial_phrasebank/sentences_50agree.tsv"

BY_HAND = (
    ByHand(
        "spoken-digits", "Free Spoken Digit Dataset: six speakers say ten digits", "about 20 MB",
        (("spoken_digits/recordings",), (SPEECH_MINI,)),
        "https://github.com/Jakobovski/free-spoken-digit-dataset (Code, Download ZIP), and put its folder recordings into"
        " the folder spoken_digits of one of these places",
    ),
    ByHand(
        "heart-disease", "UCI Heart Disease: 920 patients of four hospitals", "about 0.1 MB",
        (tuple(f"heart_disease/processed.{hospital}.data" for hospital in HOSPITALS), HEART_MINI),
        "https://archive.ics.uci.edu/dataset/45/heart+disease, and unpack it into the folder heart_disease of one of these places",
    ),
    ByHand(
        "bankruptcy", "Polish companies: 64 financial ratios before a bankruptcy", "about 16 MB",
        (("bankruptcy/1year.arff", "bankruptcy/5year.arff"), (BANKRUPTCY_MINI,)),
        "https://archive.ics.uci.edu/dataset/365/polish+companies+bankruptcy+data, and unpack it into the folder bankruptcy"
        " of one of these places",
    ),
    ByHand(
        "bearing-faults", "CWRU: vibration of a motor with nine bearing faults", "about 100 MB",
        (tuple(f"bearing_faults/{first + load}.mat" for first in FIRST_FILE for load in LOADS), (BEARINGS_MINI,)),
        "https://engineering.case.edu/bearingdatacenter/12k-drive-end-bearing-fault-data, and put the .mat files into the"
        " folder bearing_faults of one of these places",
    ),
    ByHand(
        "amazon-reviews", "8000 reviews of books, films, electronics and kitchen goods", "about 30 MB",
        (tuple(f"{folder}/{of}.review" for folder in REVIEWS_FOLDERS for of in ("negative", "positive")), REVIEWS_MINI),
        "https://www.cs.jhu.edu/~mdredze/datasets/sentiment/ (domain_sentiment_data.tar.gz; Blitzer et al., 2007), and unpack it"
        " into the folder amazon_reviews of one of these places",
    ),
    ByHand(
        "financial-phrasebank", "Financial PhraseBank: 4846 sentences of news about companies", "about 0.7 MB",
        ((NEWS,), (NEWS_MINI,)),
        "https://huggingface.co/datasets/takala/financial_phrasebank (FinancialPhraseBank-v1.0.zip; Malo et al., 2014), and"
        " unpack it into the folder financial_phrasebank of one of these places",
    ),
)  # fmt: skip


TEXTS = {".review": "latin-1", ".txt": "latin-1", ".jsonl": "utf-8", ".tsv": "utf-8"}


def count_examples(path: Path) -> int:
    """Read a file or folder of these sets as the pairs do, and return how many examples it holds. Errors: what reading raises."""
    if path.is_dir():
        return len([read_wav(file) for file in sorted(path.glob("*.wav"))])
    if path.suffix == ".npz":
        names = {
            SPEECH_MINI: ("digit", "audio", "length"),
            BANKRUPTCY_MINI: ("y_1year", "x_1year", "x_5year", "y_5year"),
            BEARINGS_MINI: ("y", "x", "load", "scale"),
        }
        return len(read_npz(path, *names[f"{path.parent.name}/{path.name}"])[0])
    if path.suffix == ".arff":
        return len(read_arff(path, RATIOS + 1))
    if path.suffix in TEXTS:
        text = path.read_text(TEXTS[path.suffix])
        marks = r"</review_text>" if path.suffix == ".review" else r"[^\n]*\S[^\n]*"
        return len(re.findall(marks, text))
    if path.suffix == ".mat":
        return min(1, len(read_mat(path, "DE_time")))
    return len(read_csv(path, HEART_COLUMNS, header=path.suffix == ".csv"))
