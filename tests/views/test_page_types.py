"""The types of the front end: the checker passes on every module, and they name what Python's parts know."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from cases import for_each
from places import PACKAGE, ROOT

from tltutor.views import board, codes, exercise, panel
from tltutor.views.channel import Channel

VIEWS = PACKAGE / "views"
ROOMS = (board, codes, exercise, panel)  # imported, so that all kinds of channels are known
UNCHECKED = {"dist"}  # made by esbuild
TYPES = (VIEWS / "types.d.ts").read_text("utf-8")
DECLARED = re.compile(r"^export interface (\w+)Values \{(.*?)\}$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"/\*\*.*?\*/", re.DOTALL)


@pytest.fixture(scope="module")
def tsc() -> Path:
    found = ROOT / "node_modules" / ".bin" / "tsc"
    if not found.exists():
        pytest.skip("no npm packages: run `make types-js` once, which installs TypeScript")
    return found


def run(tsc: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([tsc, *words], cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_module_passes_the_checker_of_types(tsc: Path) -> None:
    done = run(tsc)
    assert done.returncode == 0, done.stdout[-6000:]


def test_the_checker_reads_every_module(tsc: Path) -> None:
    read = {Path(line).resolve() for line in run(tsc, "--listFilesOnly").stdout.splitlines()}
    wanted = {
        path for path in VIEWS.rglob("*.js") if not UNCHECKED & set(path.relative_to(VIEWS).parts)
    }
    assert wanted <= read, wanted - read
    for path in wanted:
        assert "@ts-" not in path.read_text("utf-8"), f"{path.name} tells the checker to look away"


def test_the_checker_finds_a_value_that_a_part_does_not_have(tsc: Path, tmp_path: Path) -> None:
    """What is asked of a channel is checked by name."""
    (tmp_path / "a.js").write_text(
        f"""/** @import {{ Channel, FootValues }} from "{(VIEWS / "types.js").as_posix()}" */
/** @type {{(model: Channel<FootValues>) => string}} */
export const right = (model) => model.get("link");
/** @type {{(model: Channel<FootValues>) => string}} */
export const wrong = (model) => model.get("lnk");
"""
    )
    base = (ROOT / "tsconfig.json").as_posix()
    (tmp_path / "tsconfig.json").write_text(f'{{"extends": "{base}", "include": ["a.js"]}}')
    done = run(tsc, "--project", str(tmp_path))
    assert done.returncode != 0
    assert set(re.findall(r"\((\d+),\d+\): error", done.stdout)) == {"5"}, done.stdout


def declared() -> dict[str, set[str]]:
    """The values of each part as types.d.ts names them."""
    found = {name: COMMENT.sub("", body) for name, body in DECLARED.findall(TYPES)}
    return {
        name: set(re.findall(r"(?:^|[;{])\s*(\w+)\??:", flat(body), re.MULTILINE))
        for name, body in found.items()
    }


def flat(body: str) -> str:
    """Without the fields of what is nested in it."""
    while (inner := re.sub(r"\{[^{}]*\}|\[[^\[\]]*\]", "", body)) != body:
        body = inner
    return body


def parts(of: type[Channel] = Channel) -> list[type[Channel]]:
    """Every kind of channel of the package that has values of its own."""
    assert ROOMS
    found = [part for part in of.__subclasses__() if part.__module__.startswith("tltutor.")]
    return [each for part in found for each in (parts(part) or [part])]


def test_the_types_name_what_each_part_of_python_knows() -> None:
    def named(part: type[Channel]) -> None:
        name = re.sub("(View|Switch)$", "", part.__name__)
        assert declared()[name] == set(part.class_traits(sync=True)), name

    for_each(parts(), named)
    assert len(parts()) == len(declared())
