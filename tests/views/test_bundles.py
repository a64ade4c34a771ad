"""The programs in views/dist: they are whole, made from the sources as they are now, and say what the sources say."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from cases import for_each
from places import PACKAGE, ROOT, TESTS

from tltutor.views.modules import bundled, said

VIEWS = PACKAGE / "views"
PROGRAMS = sorted((VIEWS / "dist").iterdir())
IMPORT = re.compile(r'^(?:import|export)\b[^;"]*\bfrom "(\.{1,2}/[^"]+)";$', re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
MADE = re.compile(r"// Made by .* esbuild (\S+), sources sha256 ([0-9a-f]{64})\n")
RUN_ON_PROGRAMS = [TESTS / "js" / "app.test.mjs"]


def node() -> str:
    found = shutil.which("node")
    if found is None:
        pytest.skip("no node: the front end's own tests need Node.js")
    return found


def sources(entry: Path) -> dict[Path, str]:
    """The entry and all that it imports, with their texts."""
    found: dict[Path, str] = {}
    wanted = [entry.resolve()]
    while wanted:
        path = wanted.pop()
        if path not in found:
            found[path] = path.read_text("utf-8")
            wanted += [(path.parent / name).resolve() for name in IMPORT.findall(found[path])]
    return found


def digest(entry: Path) -> str:
    """The sha256 that `bundle.mjs` writes into the program of this entry."""
    texts = sources(entry)
    named = {path.relative_to(entry.parent.resolve()).as_posix(): texts[path] for path in texts}
    return sha256(
        "".join(f"{name}\n{named[name]}\n" for name in sorted(named)).encode()
    ).hexdigest()


def made_of(program: str) -> tuple[str, str]:
    """Which esbuild made a program, and the sha256 of what it was made from."""
    found = MADE.match(program)
    assert found, program[:200]
    return found[1], found[2]


# ---------------------------------------------------------------- without Node


def test_every_program_has_a_source_and_every_use_a_program() -> None:
    names = {path.name for path in PROGRAMS}
    texts = [path.read_text("utf-8") for path in PACKAGE.rglob("*.py")]
    used = {name for text in texts for name in re.findall(r'bundled\(\w+ / "([^"]+)"\)', text)}
    assert names == used == set(re.findall(r'"(\w+\.js)"', (ROOT / "bundle.mjs").read_text()))
    for name in names:
        assert (VIEWS / name).is_file()


def test_a_source_that_changed_since_the_programs_were_made_is_noticed() -> None:
    def fresh(path: Path) -> None:
        _, known = made_of(path.read_text("utf-8"))
        assert known == digest(VIEWS / path.name), (
            f"tltutor/views/{path.name}, or a file that it imports, changed after dist/{path.name} was made: run `make bundle`"
        )

    for_each(PROGRAMS, fresh)


def test_the_digest_is_of_every_file_and_its_name(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    entry, inner = tmp_path / "a.js", tmp_path / "in" / "b.js"
    entry.write_text(
        'import {\n  b,\n} from "./in/b.js";\n// import { d } from "./d.js";\nexport { b };\n'
    )
    inner.write_text('export { c as b } from "../c.js";\n')
    (tmp_path / "c.js").write_text("export const c = 1;\n")
    names = [path.relative_to(tmp_path.resolve()).as_posix() for path in sources(entry)]
    assert names == ["a.js", "in/b.js", "c.js"]
    known = {digest(entry)}
    inner.write_text(inner.read_text() + "\n")
    known.add(digest(entry))
    (tmp_path / "c.js").rename(tmp_path / "e.js")
    inner.write_text(inner.read_text().replace("c.js", "e.js"))
    known.add(digest(entry))
    assert len(known) == 3


def test_a_program_is_one_module_and_needs_nothing_from_outside() -> None:
    outside = re.compile(r"^\s*import\b|\bfrom \"|@import|https?://(?!www\.w3\.org/)", re.MULTILINE)
    sent_alone = [VIEWS / "loader.js", *VIEWS.glob("*.css")]

    def whole(path: Path) -> None:
        assert outside.findall(COMMENT.sub("", path.read_text("utf-8"))) == []

    for_each([*PROGRAMS, *sent_alone], whole)


def test_a_program_says_every_word_of_its_sources() -> None:
    """Python finds the words in the program: esbuild must not have renamed `t` or `mark`, or rewritten a text."""

    def whole(path: Path) -> None:
        there = {word for text in sources(VIEWS / path.name).values() for word in said(text)}
        assert set(said(bundled(VIEWS / path.name))) == there

    for_each(PROGRAMS, whole)
    assert len(said(bundled(VIEWS / "app.js"))) > 200


# ---------------------------------------------------------------- with Node


def exports(folder: Path) -> dict[str, list[str]]:
    """What each program in this folder exports."""
    names = [path.name for path in PROGRAMS]
    addresses = [(folder / name).as_uri() for name in names]
    code = f"""const all = await Promise.all({json.dumps(addresses)}.map((address) => import(address)));
      console.log(JSON.stringify(all.map((one) => Object.keys(one))));"""
    done = subprocess.run(
        [node(), "--input-type=module", "--eval", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(names, json.loads(done.stdout), strict=True))


def run_tests_on(folder: Path) -> None:
    """Those of tests/js that test a whole program, on the programs in this folder."""
    done = subprocess.run(
        [node(), "--test", *map(str, RUN_ON_PROGRAMS)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TLTUTOR_PROGRAMS": str(folder)},
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "# tests 0" not in done.stdout


def test_the_programs_load_and_pass_the_front_ends_tests() -> None:
    names = exports(VIEWS / "dist")
    assert names["app.js"] == ["Hub", "PointMap", "show"]
    run_tests_on(VIEWS / "dist")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs made anew, in a folder of their own."""
    if not (ROOT / "node_modules" / "esbuild").is_dir():
        pytest.skip("no npm packages: run `make bundle` once, which installs esbuild")
    folder = tmp_path_factory.mktemp("dist")
    (folder / "package.json").write_text('{"type": "module"}')
    done = subprocess.run(
        [node(), ROOT / "bundle.mjs", folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


def test_the_programs_are_what_the_build_makes(built: Path) -> None:
    """The same bytes from the same esbuild; from another one, the same exports and words, and the tests pass on them."""
    other = False
    for path in PROGRAMS:
        old, new = path.read_text("utf-8"), (built / path.name).read_text("utf-8")
        (before, _), (now, sources_now) = made_of(old), made_of(new)
        assert sources_now == digest(VIEWS / path.name), path.name
        assert before != now or old == new, f"dist/{path.name} was edited: run `make bundle`"
        assert set(said(old)) == set(said(new)), path.name
        other |= before != now
    if other:
        assert exports(VIEWS / "dist") == exports(built)
        run_tests_on(built)
