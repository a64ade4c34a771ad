"""Read a lesson's cells from lesson.md: code once, prose in every language side by side; it knows no notebook."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tltutor.language import LANGUAGES
from tltutor.settings import check_name

CODE, FOLD = "python", "fold"  # ```python or ```python fold
MARK = re.compile(rf"<!-- ({'|'.join(LANGUAGES)}) -->")
FENCE = re.compile(rf"```{CODE}(?: (\S+))?")
END = "```"


@dataclass(frozen=True)
class Cell:
    """A cell: code, or prose by language. line: where it begins in lesson.md. folded: the notebook hides its source."""

    line: int
    code: str = ""
    prose: Mapping[str, str] = field(default_factory=dict)
    folded: bool = False


@dataclass(frozen=True)
class Block:
    """A part of lesson.md under one mark: a language, CODE or FOLD; "" for the text above the first mark."""

    line: int
    kind: str
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its text without the blank lines around it."""
        return "\n".join(self.lines).strip()


def read_cells(path: Path) -> tuple[Cell, ...]:
    """Return the cells of this file. Errors: ValueError, in one sentence with file and line."""
    file = f"{path.parent.name}/{path.name}"
    return tuple(_cells(_blocks(path.read_text("utf-8").splitlines(), file), file))


def _blocks(lines: Iterable[str], file: str) -> Iterator[Block]:
    """Yield the blocks in order; an unmarked one without text is left out."""
    block = Block(1, "")
    for number, line in enumerate(lines, 1):
        kind = _opened(line, coding=block.kind in (CODE, FOLD))
        if kind is None:
            block.lines.append(line)
            continue
        yield from [block] if block.kind or block.text else []
        block = Block(number, kind)
    if block.kind in (CODE, FOLD):
        raise ValueError(
            f"{file}, line {block.line}: a code cell must end, got no {END} below it: add {END}"
        )
    yield from [block] if block.kind or block.text else []


def _opened(line: str, *, coding: bool) -> str | None:
    """Return the kind of the block that this line opens; None for a line of text or code."""
    if coding:
        return "" if line == END else None
    if fence := FENCE.fullmatch(line):
        return check_name(fence[1], (FOLD,), what=f"word after {END}{CODE}") if fence[1] else CODE
    mark = MARK.fullmatch(line)
    return mark[1] if mark else None


def _cells(blocks: Iterable[Block], file: str) -> Iterator[Cell]:
    """Join the languages of each prose cell: the first begins it, the others follow in order."""
    begun: dict[str, Block] = {}
    for block in (*blocks, Block(0, CODE)):  # the last one only ends the cell before it
        missing = next(name for name in LANGUAGES if name not in begun)
        if (begun or block.kind in LANGUAGES) and (block.kind != missing or not block.text):
            line = next(iter(begun.values()), block).line
            raise ValueError(
                f"{file}, line {line}: a text must be there in {' and '.join(LANGUAGES)}, "
                f"got none in {missing}: add <!-- {missing} --> and the text"
            )
        if not block.kind:
            raise ValueError(
                f"{file}, line {block.line}: a text must stand below its language, "
                f"got {block.text.splitlines()[0]!r}: add <!-- {missing} --> above it"
            )
        if block.kind in (CODE, FOLD):
            if block.text:
                yield Cell(block.line, block.text, folded=block.kind == FOLD)
            elif block.line:
                raise ValueError(
                    f"{file}, line {block.line}: a code cell must hold code, got none: add it"
                )
            continue
        begun[block.kind] = block
        if len(begun) == len(LANGUAGES):
            prose = {name: part.text for name, part in begun.items()}
            yield Cell(begun[next(iter(begun))].line, prose=prose)
            begun = {}
