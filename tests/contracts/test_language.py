"""Words in two languages: the catalog holds every string that the code marks and no other, and says the same with the same values."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tltutor import language as room
from tltutor.language import (
    LANGUAGES,
    catalog,
    dictionary,
    follow,
    language,
    mark,
    pick,
    speak,
    spoken,
    tr,
)
from tltutor.lessons.mistake import MISTAKE
from tltutor.objectives import OBJECTIVES
from tltutor.player import SPEED
from tltutor.player.budget import BUDGET
from tltutor.projections import MAPS
from tltutor.settings import Setting
from tltutor.training.options import OPTIONS
from tltutor.views.modules import said

PACKAGE = Path(room.__file__).parent
OTHERS = [name for name in LANGUAGES if name != "en"]
SCRIPTS = sorted(
    set((PACKAGE / "views").rglob("*.js")) - set((PACKAGE / "views" / "dist").iterdir())
)
each_language = pytest.mark.parametrize("name", OTHERS)


@pytest.fixture(autouse=True)
def undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_chosen", [])
    monkeypatch.setattr(room, "_spoken", [])
    monkeypatch.delenv(room.VARIABLE, raising=False)


# --- which language


def test_english_unless_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert language() == "en"
    (tmp_path / "zh").mkdir()
    monkeypatch.chdir(tmp_path / "zh")
    assert language() == "en", "the notebook says it, and no folder"
    speak("zh")
    assert language() == "zh"
    monkeypatch.setenv(room.VARIABLE, "en_GB.UTF-8")
    assert language() == "en"
    assert language("zh") == "zh"
    speak("en")
    assert language() == "zh", "what a person has chosen stands when the first cell runs again"


@pytest.mark.parametrize("told", ["zh", "ZH", "zh_CN.UTF-8", "zh-Hans"])
def test_the_variable_is_read_as_locales_are_written(
    told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(room.VARIABLE, told)
    assert language() == "zh"


def test_an_unknown_language_is_refused_when_set_and_passed_over_when_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(ValueError, match="one of en, zh, got 'fr'"):
        language("fr")
    with pytest.raises(ValueError, match="one of en, zh, got 'fr'"):
        speak("fr")
    monkeypatch.setenv(room.VARIABLE, "fr")
    assert language() == "en"


def test_values_are_put_in_and_what_is_unknown_stays_english(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert tr("{reached} of {all} goals reached", reached=1, all=2) == "1 of 2 goals reached"
    monkeypatch.setenv(room.VARIABLE, "zh")
    assert tr("Play") == "播放"
    assert tr("never translated {x}", x="{y}") == "never translated {y}"
    assert pick({"en": "a", "zh": "b"}) == "b"
    assert pick({"en": "a"}) == "a"
    assert mark("Play") == "Play"


class Teller:
    """Says anew, and counts how often."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def retell(self) -> None:
        self.heard.append(language())


def test_whoever_follows_hears_of_another_language_once_and_is_not_kept_alive() -> None:
    teller, gone = Teller(), Teller()
    heard = gone.heard
    follow(teller.retell)
    follow(gone.retell)
    del gone
    language("zh")
    language("zh")
    language("en")
    speak("zh")
    assert teller.heard == ["zh", "en"], "the notebook's own language changes nothing that is shown"
    assert heard == []


def test_a_name_of_the_code_is_said_as_people_read_it() -> None:
    assert spoken("freeze_depth") == "freeze depth"
    language("zh")
    assert spoken("freeze_depth") == "冻结深度"


def test_a_dictionary_holds_translations_alone() -> None:
    assert dictionary(["Play"]) == {}
    language("zh")
    assert dictionary(["Play", "nobody says this"]) == {"Play": "播放"}


# --- the catalog


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
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) == "map"
            and ast.unparse(node.args[0]) == "mark"
        ):
            yield from strings(node.args[1])


def strings(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Tuple):
        yield from (text for part in node.elts for text in strings(part))
    elif isinstance(node, ast.Starred):
        yield from strings(node.value)
    elif isinstance(node, ast.IfExp):
        yield from (*strings(node.body), *strings(node.orelse))


def marked() -> set[str]:
    files = (path for path in PACKAGE.rglob("*.py") if path.name != "language.py")
    return {
        text for path in files for text in marked_in(ast.parse(path.read_text("utf-8"))) if text
    }


def titles() -> set[str]:
    """What the board lists and tables say by name."""
    return {cls.title for cls in (*OBJECTIVES.values(), *MAPS.values())}


def settings() -> Iterator[Setting]:
    """Every setting that a board may show."""
    yield from (*OPTIONS.values(), BUDGET, MISTAKE, SPEED)
    yield from (setting for cls in OBJECTIVES.values() for setting in (cls.weight, *cls.settings))
    yield from (setting for cls in MAPS.values() for setting in cls.settings)


def declared() -> set[str]:
    """Names, sentences, units and choices of settings."""
    return {
        text
        for s in settings()
        for text in (s.name.replace("_", " "), s.text, s.unit, *s.choices)
        if text
    }


def terms() -> set[str]:
    """What the curves of losses are called."""
    return {term for cls in OBJECTIVES.values() for term in cls.terms}


def scripted() -> set[str]:
    """What the pages' scripts say."""
    return {text for path in SCRIPTS for text in said(path.read_text("utf-8"))}


def everything() -> set[str]:
    return marked() | titles() | declared() | terms() | scripted()


def test_the_reader_of_marked_strings_misses_none() -> None:
    source = 'A = mark("a")\ndef f(x):\n    t = "b"\n    tr(t, v=1)\n    tr("c" if x else "d")\nmap(mark, ("e", "f"))\n_(tr("g"))'
    assert set(marked_in(ast.parse(source))) == set("abcdefg")
    assert len(marked()) > 100


@each_language
def test_nothing_is_missing_and_nothing_left_over(name: str) -> None:
    known = set(catalog(name))
    assert sorted(everything() - known) == []
    assert sorted(known - everything() - differing_names()) == []


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
    for english, other in catalog(name).items():
        assert other.strip()
        assert sorted(re.findall(r"\{(\w+)\}", english)) == sorted(
            re.findall(r"\{(\w+)\}", other)
        ), english


# --- the words of the pages


def test_a_scripts_words_are_read_with_their_escapes() -> None:
    script = 'f(t("a \\"b\\"", { n }), mark("c\\u00a0d"), alert("e"), format("x"), t(name));'
    assert said(script) == ('a "b"', "c\u00a0d")


TOKENS = re.compile(
    r"""//[^\n]*|/\*.*?\*/|(?P<before>\w*\(?)(?P<text>"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)""",
    re.DOTALL,
)
WORDY = re.compile(r"[A-Za-z]{2} [a-z]{2}")
SILENT = re.compile(r"tlt-")  # names of classes


def sentences(script: str) -> Iterator[str]:
    """What looks like words for people in a script, and is not translated."""
    for found in TOKENS.finditer(script):
        text = re.sub(r"\$\{[^}]*\}", "", found["text"] or "")
        if (
            WORDY.search(text)
            and not SILENT.search(text)
            and found["before"] not in ("t(", "mark(")
        ):
            yield text


def test_a_sentence_in_english_alone_is_found() -> None:
    script = '// a note here\nf("one two", t("two three"), "tlt-chip tlt-big", `${n} four five`); mark("six seven"); "eight" + "nine"'
    assert list(sentences(script)) == ['"one two"', "` four five`"]


def test_no_script_says_a_sentence_in_english_alone() -> None:
    assert {
        path.name: found for path in SCRIPTS if (found := list(sentences(path.read_text("utf-8"))))
    } == {}
