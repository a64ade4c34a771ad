"""Slides as a page: the lesson's text, code and questions, answers told later, and nothing from any network."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
import tiny
from cases import for_each

from tltutor.language import LANGUAGES
from tltutor.lessons.folders import LessonFolder
from tltutor.lessons.rendering.deck import deck
from tltutor.lessons.wording import Script, read_script, script

FETCHED = re.compile(
    r"""(?:\bsrc=|<link\b[^>]*href=|url\(|@import|\bimport\(|fetch\()\s*+["']?+(?!data:)[^\s>]+"""
)
LATER = re.compile(r'<div class="later">.*?</div>', re.DOTALL)


@pytest.fixture
def small(tmp_path: Path) -> Script:
    return read_script(LessonFolder(tiny.write_lesson(tmp_path)))


def sections(page: str) -> list[str]:
    return re.findall(r"<section.*?</section>", unescape(page), re.DOTALL)


def test_what_a_page_would_fetch_is_found() -> None:
    for text in (
        '<script src="https://cdn.example/reveal.js">',
        '<link rel="stylesheet" href="reveal.css">',
        "a { background: url(//x/y.png) }",
        '@import "x.css"',
    ):
        assert FETCHED.search(text), text
    assert not FETCHED.search(
        '<img src="data:image/svg+xml;base64,AAAA"> <a href="https://x.org">x</a>'
    )


def check_alone(number: str) -> None:
    for language in LANGUAGES:
        page = deck(script(number), language)
        assert not FETCHED.findall(page), language
        assert f'<html lang="{language}">' in page
        assert script(number).title[language] in unescape(page)
        assert len(sections(page)) > 20


def test_a_deck_fetches_nothing() -> None:
    assert "data:image/svg" in deck(script("12"), "en"), "formulas are drawn"
    for_each(["12", "18"], check_alone)


def test_each_text_question_and_board_is_on_a_slide_and_answers_come_later(small: Script) -> None:
    page = deck(small, "zh")
    first, gain, guess, *_ = found = sections(page)
    assert "90 · 很小" in first
    assert "收益 +.32" in gain
    assert "多少步？" in guess
    assert "<li>少</li>" in guess
    assert not LATER.search(guess), "the learner's own run decides"
    (board,) = (slide for slide in found if "在 notebook 里播放：small" in slide)
    assert "pair = moons->rotated-moons, objective = source-only, steps = 3" in board
    assert "lesson.board(" not in page, "the box says it"
    (why,) = (slide for slide in found if "为什么这么少？" in slide)
    (told,) = LATER.findall(why)
    assert "正确：我们只要了三步。steps = 3 就是这个意思。" in told
    assert "steps = 3" not in LATER.sub("", why)
    (task,) = (slide for slide in found if "lesson.exercise" in re.sub("<[^>]*>", "", slide))
    assert "一种解法" in LATER.findall(task)[0]
    assert "reveal" not in re.sub("<[^>]*>", "", "".join(found))


def test_notes_are_the_speakers_and_links_to_notebooks_are_words(small: Script) -> None:
    page = deck(small, "en")
    assert re.search(r"<aside>.*Secret\..*</aside>", page, re.DOTALL)
    assert "Secret." not in re.sub(r"<aside>.*?</aside>", "", page, flags=re.DOTALL)
    assert "You need no source, but a crumb." in page
    assert ".ipynb" not in page


def test_what_is_to_be_found_out_is_on_no_slide(tmp_path: Path) -> None:
    """The right option's order, and the settings that a board hides."""
    text = tiny.SCRIPT.replace(
        'fault = "tiny-fault"', 'fault = "tiny-fault"\ndiagnose = ["weight"]\nweight = 7.5'
    )
    page = deck(read_script(LessonFolder(tiny.write_lesson(tmp_path, lesson_toml=text))), "en")
    assert "Play it in the notebook: broken" in page
    assert "7.5" not in page
