"""Read one's own two domains from folders of images, .npz, tables or texts; it knows the files, and nothing of networks."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from tltutor.checks import listed, readable
from tltutor.domains.domain import Domain
from tltutor.domains.folders import read_images
from tltutor.domains.pair import DomainPair
from tltutor.settings import check_name

LABEL = "label"  # the column of a table, or the key of a line, that holds the class
TEXT = "text"  # the key of a line that holds the text
SIZE = 32  # pixels: what a small network learns from in seconds
TABLES = (".csv", ".tsv", ".parquet")
TEXTS = (".txt", ".jsonl")
SUFFIXES = (".npz", *TABLES, *TEXTS)


def read_pair(
    source: str | Path, target: str | Path, *, label: str = LABEL, size: int = SIZE
) -> DomainPair:
    """Read a labeled source and an unlabeled target; labels that the target has are dropped at once.

    Each is a folder of images (of the source: one sub-folder a class), a .npz with x and, of the source, y, a table (.csv,
    .tsv, .parquet) whose column `label` holds the class, or texts (.txt with TEXT<tab>CLASS in a line, or .jsonl with "text"
    and `label`). size: pixels of the images' sides. Columns of tables are divided by the source's standard deviation, after
    its mean was taken off, on both sides alike: the shift between them stays.
    Errors: OSError for what is not there; ValueError, TypeError or ImportError in one sentence for what cannot be read.
    """
    ours = read_domain(source, label=label, size=size)
    if ours.y is None:
        raise ValueError(
            f"the source must have labels, and {readable(source)} has none: {_how_to_label(Path(source), label)}"
        )
    theirs = read_domain(target, label=label, size=size, labeled=False)
    if ours.name == theirs.name:
        ours, theirs = replace(ours, name="source"), replace(theirs, name="target")
    if ours.kind == "vector" and not ours.texts:
        ours, theirs = _standardized(ours, theirs)
    return DomainPair(ours, theirs, name=f"{ours.name}->{theirs.name}")


def read_domain(
    path: str | Path, *, label: str = LABEL, size: int = SIZE, labeled: bool = True
) -> Domain:
    """Read one domain; see `read_pair`. labeled: False leaves labels unread. Tables are not standardized here."""
    file = Path(path).expanduser()
    if not file.exists():
        raise FileNotFoundError(
            f"a domain must be a folder or a file that exists, got {readable(file)}: check the path"
        )
    name = readable(file.resolve().stem if file.is_file() else file.resolve().name)
    if file.is_dir():
        return (
            Domain.from_folder(file, size=size, name=name)
            if labeled
            else Domain(name, read_images(file, size=size))
        )
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        raise ValueError(
            f"a domain must be a folder of images or a {', '.join(SUFFIXES)} file, got {file.name!r}: unpack or convert it first"
        )
    if suffix == ".npz":
        return _of_arrays(file, name, labeled)
    if suffix in TABLES:
        return _of_table(file, name, label, labeled)
    return _of_texts(file, name, label, labeled)


def _how_to_label(path: Path, label: str) -> str:
    if path.suffix.lower() == ".npz":
        return "store the classes as y"
    if path.suffix.lower() == ".txt":
        return "end each line with a tab and the class"
    return f"add {label!r}, or name the right one with label"


# --- arrays


def _of_arrays(file: Path, name: str, labeled: bool) -> Domain:
    """Read x, and y if it is wanted and there."""
    try:
        with np.load(file, allow_pickle=False) as stored:
            arrays = {key: stored[key] for key in ("x", "y") if key in stored.files}
            keys = list(stored.files)
    except (ValueError, OSError, EOFError) as error:
        raise ValueError(
            f"{file.name} must be an .npz of plain arrays, and cannot be read ({error}): write it with numpy.savez(file, x=x, y=y)"
        ) from error
    if "x" not in arrays:
        raise ValueError(
            f"{file.name} must hold an array x, got {listed(keys)}: write it with numpy.savez(file, x=x, y=y)"
        )
    return Domain(name, arrays["x"], arrays.get("y") if labeled else None)


# --- tables


def _of_table(file: Path, name: str, label: str, labeled: bool) -> Domain:
    """Read columns of numbers, and the label's column apart."""
    columns = _parquet(file) if file.suffix.lower() == ".parquet" else _csv(file)
    labels = columns.pop(label, None)
    if labeled and labels is None:
        check_name(
            label, columns, what=f"column for the label (of {file.name}; name it with label)"
        )
    if not columns:
        raise ValueError(
            f"{file.name} must have a column of numbers beside {label!r}, got none: add the features"
        )
    x = np.stack([_numbers(values, key, file) for key, values in columns.items()], axis=1)
    y = list(map(str, labels)) if labeled and labels is not None else None
    if y is not None and "" in y:
        raise ValueError(
            f"every row of {file.name} must have a {label!r}, got none in row {y.index('') + 1}: fill it in or leave the row out"
        )
    return Domain(name, x, y, columns=tuple(columns), kind="vector")  # type: ignore[arg-type]


def _csv(file: Path) -> dict[str, Sequence[Any]]:
    """Return the columns of a .csv or .tsv, as text."""
    comma = "\t" if file.suffix.lower() == ".tsv" else ","
    rows = [row for row in csv.reader(StringIO(_text_of(file), newline=""), delimiter=comma) if row]
    if len(rows) < 2:
        raise ValueError(
            f"{file.name} must have a line of column names and a line for each example, got {len(rows)} lines: add them"
        )
    head = [readable(name) for name in rows[0]]
    if len(set(head)) < len(head):
        raise ValueError(f"{file.name} must name each column once, got {listed(head)}: rename one")
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(head):
            raise ValueError(
                f"every line of {file.name} must have {len(head)} values, got {len(row)} in line {number}: quote values with commas"
            )
    return dict(zip(head, zip(*rows[1:], strict=True), strict=True))


def _parquet(file: Path) -> dict[str, Sequence[Any]]:
    try:
        import pandas as pd

        frame = pd.read_parquet(file)
    except ImportError as error:
        raise ImportError(
            f"{file.name} needs pandas and pyarrow, which are not installed: pip install pandas pyarrow, or save it as .csv"
        ) from error
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{file.name} must be a Parquet file, and cannot be read: write it with frame.to_parquet(file)"
        ) from error
    return {str(key): frame[key].tolist() for key in frame}


def _numbers(values: Sequence[Any], key: str, file: Path) -> np.ndarray:
    """Return one column as finite numbers (n,) float32."""
    try:
        column = np.array([float(value) for value in values], np.float64)
    except (TypeError, ValueError):
        wrong = next(value for value in values if not _is_number(value))
        raise ValueError(
            f"column {key!r} of {file.name} must hold numbers, got {wrong!r}: leave it out, write numbers for its values, or, if it"
            " is the class, name it with label"
        ) from None
    if not np.isfinite(column).all():
        raise ValueError(
            f"column {key!r} of {file.name} must be finite, got NaN or infinity in row {int((~np.isfinite(column)).argmax()) + 1}:"
            " fill it in or leave the row out"
        )
    return column.astype(np.float32)


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _standardized(source: Domain, target: Domain) -> tuple[Domain, Domain]:
    """Return both on the source's scale; a feature that is constant there is on the scale of both together."""
    if source.shape != target.shape:
        return source, target  # the pair says what is wrong
    mean, sd = source.x.mean(0), source.x.std(0)
    both = np.concatenate([source.x, target.x]).std(0)
    unit = np.where(sd > 0, sd, np.where(both > 0, both, 1)).astype(np.float32)
    return (
        replace(source, x=(source.x - mean) / unit),
        replace(target, x=(target.x - mean) / unit),
    )


# --- texts


def _of_texts(file: Path, name: str, label: str, labeled: bool) -> Domain:
    """Read one text a line, and its label."""
    lines = [
        line for line in _text_of(file).split("\n") if line.strip()
    ]  # a text may hold other breaks
    if not lines:
        raise ValueError(f"{file.name} must have a text in each line, got none: add texts")
    if file.suffix.lower() == ".jsonl":
        texts, labels = _json_lines(lines, file.name, label)
    else:
        texts, labels = _plain_lines(lines)
    known = [y for y in labels if y is not None]
    if labeled and known and len(known) < len(labels):
        raise ValueError(
            f"every text of {file.name} must have a label, got none in text {labels.index(None) + 1}: add it or leave the text out"
        )
    return Domain.from_texts(name, texts, known if labeled and known else None)


def _plain_lines(lines: Iterable[str]) -> tuple[list[str], list[str | None]]:
    parts = [line.rpartition("\t") for line in lines]
    return (
        [text if tab else rest for text, tab, rest in parts],
        [rest.strip() if tab else None for _, tab, rest in parts],
    )


def _json_lines(lines: Iterable[str], name: str, label: str) -> tuple[list[str], list[str | None]]:
    texts: list[str] = []
    labels: list[str | None] = []
    for number, line in enumerate(lines, 1):
        try:
            held = json.loads(line)
            texts.append(held[TEXT])
        except (ValueError, KeyError, TypeError):
            raise ValueError(
                f'every line of {name} must be an object with a "{TEXT}", got {line[:40]!r} in line {number}: write'
                f' {{"{TEXT}": "…", "{label}": "…"}}'
            ) from None
        value = held.get(label)
        labels.append(None if value is None else str(value))
    return texts, labels


def _text_of(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{file.name} must be UTF-8, and is not: save it as UTF-8") from error
