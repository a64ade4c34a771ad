"""The worked examples: both languages from one file, at most 12 cells, no outputs, listed, handed out; what they lack is told."""

from pathlib import Path

import nbformat
import pytest
from places import TUTORIALS

from tltutor.cli import lab, originals
from tltutor.language import LANGUAGES
from tltutor.lessons.rendering import examples

NAMES = sorted(path.stem for path in examples.HOME.glob("*.md"))
SPEAK = 'tl.lessons.speak("zh")\n'
TEXT = "<!-- en -->\n\n# A · b\n\n<!-- zh -->\n\n# 甲 · 乙\n"


def test_the_notebooks_are_as_their_files_render() -> None:
    files = examples.example_files(TUTORIALS)
    assert len(files) == len(LANGUAGES) * len(NAMES)
    for path, text in files.items():
        assert path.read_text("utf-8") == text, f"run tltutor render: {path} is stale"
    found = {path for folder in ("", "zh") for path in (TUTORIALS / "examples" / folder).glob("*.ipynb")}  # fmt: skip
    assert found == set(files)
    listing = (TUTORIALS / "README.md").read_text("utf-8")
    assert examples.with_examples(listing) == listing
    assert all(f"](examples/{name}.ipynb)" in listing for name in NAMES)


def test_both_languages_run_the_same_code_without_outputs() -> None:
    for name in NAMES:
        path = TUTORIALS / "examples" / "zh" / f"{name}.ipynb"
        assert path.read_text("utf-8").count(".speak(") == 1
        both = [
            nbformat.read(TUTORIALS / "examples" / folder / f"{name}.ipynb", as_version=4).cells
            for folder in ("", "zh")
        ]
        assert len(both[0]) == len(both[1]) <= examples.MOST
        for one, other in zip(*both, strict=True):
            assert one.cell_type == other.cell_type
            if one.cell_type == "code":
                assert one.source == without_language(other.source)
                assert one.outputs == other.outputs == []
                assert len(one.source.splitlines()) <= 15


def without_language(source: str) -> str:
    return source.replace(SPEAK, "")


def test_each_ends_with_what_would_make_one_refuse_and_has_a_board_and_a_table() -> None:
    for name in NAMES:
        cells = examples.example_cells(examples.HOME / f"{name}.md")
        code = "\n".join(cell.code for cell in cells)
        assert "tl.Lab(" in code, name
        assert "judge(" in code, name
        assert ".reliability(" in code, name
        assert "## What would make one refuse to deploy it" in cells[-1].prose["en"], name
        assert "## 什么情况下应当拒绝部署" in cells[-1].prose["zh"], name


def test_a_file_without_a_title_or_with_too_many_cells_is_told(tmp_path: Path) -> None:
    path = tmp_path / "made.md"
    path.write_text(TEXT.replace(" · b", ""), "utf-8")
    with pytest.raises(ValueError, match=r"made\.md: .*title in every language.*# FIELD · SUBJECT"):
        examples.example_cells(path)
    path.write_text("```python\n1\n```\n", "utf-8")
    with pytest.raises(ValueError, match="title"):
        examples.example_cells(path)
    path.write_text(TEXT + "```python\n1\n```\n" * 12, "utf-8")
    with pytest.raises(ValueError, match="at most 12 cells, got 13"):
        examples.example_cells(path)
    path.write_text(TEXT + "```python\n1\n```\n", "utf-8")  # both remedies
    english, code = examples.example(path, "en")
    assert (english["source"], code["source"]) == ("# A · b", "1")
    assert examples.example(path, "zh")[0]["source"] == "# 甲 · 乙"
    assert set(examples.example_files(tmp_path, tmp_path)) == {
        tmp_path / "examples" / "made.ipynb",
        tmp_path / "examples" / "zh" / "made.ipynb",
    }


def test_they_are_handed_out_beside_the_lessons_and_open_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = (*originals.originals(), *originals.examples())
    handed = originals.hand_out(shipped, tmp_path)
    assert {path.what for path in handed} == {"copied"}
    copies = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.ipynb")}
    assert {f"examples/{folder}{name}.ipynb" for folder in ("", "zh/") for name in NAMES} < copies
    assert "zh/01_first_flight.ipynb" in copies
    assert lab.example_names() == NAMES
    for tongue, folder in (("en", ""), ("zh", "zh/")):
        monkeypatch.setenv("TLTUTOR_LANG", tongue)
        found = originals.find_lesson("medicine", shipped)
        assert originals.own_name(found) == f"examples/{folder}medicine.ipynb"
