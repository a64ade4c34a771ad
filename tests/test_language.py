"""Words in two languages: the catalogue holds every string that the code marks and no other, and says the same with the same values."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tltutor import language as room
from tltutor.language import LANGUAGES, catalogue, language, mark, pick, tr
from tltutor.objectives import OBJECTIVES
from tltutor.projections import MAPS

PACKAGE = Path(room.__file__).parent
OTHERS = [name for name in LANGUAGES if name != "en"]
each_language = pytest.mark.parametrize("name", OTHERS)


@pytest.fixture(autouse=True)
def undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_chosen", [])
    monkeypatch.delenv(room.VARIABLE, raising=False)


# --- which language


def test_english_unless_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert language() == "en"
    (tmp_path / "zh").mkdir()
    monkeypatch.chdir(tmp_path / "zh")
    assert language() == "zh", "a notebook in the folder zh speaks Chinese"
    monkeypatch.setenv(room.VARIABLE, "en_GB.UTF-8")
    assert language() == "en"
    assert language("zh") == "zh"
    assert language() == "zh"


@pytest.mark.parametrize("told", ["zh", "ZH", "zh_CN.UTF-8", "zh-Hans"])
def test_the_variable_is_read_as_locales_are_written(told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(room.VARIABLE, told)
    assert language() == "zh"


def test_an_unknown_language_is_refused_when_set_and_passed_over_when_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="one of en, zh, got 'fr'"):
        language("fr")
    monkeypatch.setenv(room.VARIABLE, "fr")
    assert language() == "en"


def test_values_are_put_in_and_what_is_unknown_stays_english(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tr("{reached} of {all} goals reached", reached=1, all=2) == "1 of 2 goals reached"
    monkeypatch.setenv(room.VARIABLE, "zh")
    assert tr("Play") == "播放"
    assert tr("never translated {x}", x="{y}") == "never translated {y}"
    assert pick({"en": "a", "zh": "b"}) == "b"
    assert pick({"en": "a"}) == "a"
    assert mark("Play") == "Play"


# --- the catalogue


def marked_in(tree: ast.Module) -> Iterator[str]:
    """Every string in `tr(…)` and `mark(…)`, `map(mark, (…))` included; a name in `tr(name)` stands for the string assigned to it."""
    assigned: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            assigned.setdefault(node.targets[0].id, []).extend(strings(node.value))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("tr", "mark") and node.args:
            first = node.args[0]
            yield from assigned.get(first.id, ()) if isinstance(first, ast.Name) else strings(first)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "map" and ast.unparse(node.args[0]) == "mark":
            yield from strings(node.args[1])


def strings(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Tuple):
        yield from (text for part in node.elts for text in strings(part))
    elif isinstance(node, ast.IfExp):
        yield from (*strings(node.body), *strings(node.orelse))


def marked() -> set[str]:
    files = (path for path in PACKAGE.rglob("*.py") if path.name != "language.py")
    return {text for path in files for text in marked_in(ast.parse(path.read_text("utf-8"))) if text}


def titles() -> set[str]:
    """What the board lists and tables say by name."""
    return {cls.title for cls in (*OBJECTIVES.values(), *MAPS.values())}


def test_the_reader_of_marked_strings_misses_none() -> None:
    source = 'A = mark("a")\ndef f(x):\n    t = "b"\n    tr(t, v=1)\n    tr("c" if x else "d")\nmap(mark, ("e", "f"))\n_(tr("g"))'
    assert set(marked_in(ast.parse(source))) == set("abcdefg")
    assert len(marked()) > 100


@each_language
def test_nothing_is_missing_and_nothing_left_over(name: str) -> None:
    known = set(catalogue(name))
    assert sorted((marked() | titles()) - known) == []
    assert sorted(known - marked() - titles() - differing_names()) == []


def differing_names() -> set[str]:
    """What `side_by_side` may say that runs differ in, by the names of its own code."""
    text = (PACKAGE / "lessons" / "runs.py").read_text("utf-8")
    return {
        "freeze depth",
        "learning rate",
        "domains",
        "domains' options",
        "network",
        "network's options",
        "seed",
        "mistake",
    } & set(re.findall(r'"([a-z\' ]+)"', text)) | {"mistake"}


@each_language
def test_translations_hold_the_same_values(name: str) -> None:
    for english, other in catalogue(name).items():
        assert other.strip()
        assert sorted(re.findall(r"\{(\w+)\}", english)) == sorted(re.findall(r"\{(\w+)\}", other)), english
