"""The board in another language: one switch for everything that is open, and nothing but the words changes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from test_lab import SMALL
from waiting import until

import tltutor as tl
from tltutor import language as room
from tltutor.language import LANGUAGES, language, mark, tr
from tltutor.views import Board, Controls, Handlers
from tltutor.views.closing import tree
from tltutor.views.map import MapView

HAN = re.compile(r"[\u4e00-\u9fff]")
LESSONS = (
    "source-only",
    "fine-tune",
    "mmd",
    "dan",
    "coral",
    "dann",
)  # what lessons 01 to 05 and 10 to 12 train
NAMES = {"cpu", "Language", "English", "MMD²"}  # the same in every language


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_chosen", [])
    monkeypatch.delenv(room.VARIABLE, raising=False)


@pytest.fixture
def open_lab(closing: Any) -> Any:
    def build(
        objective: Any = "dann", pair: str = "digits->shifted-digits", **options: Any
    ) -> tl.Lab:
        given = (
            {"steps": 12, "device": "cpu", "threads": 1, "name": "test", "projection": "pca"}
            | SMALL
            | options
        )
        lab = closing(tl.Lab(pair, objective, **given))
        lab._repr_mimebundle_()  # as the last line of a cell
        return lab

    return build


def buttons(board: Any) -> list[str]:
    return [
        button.description
        for button in (board.play_button, board.step_button, board.reset_button, board.stop_button)
    ]


def test_the_switch_changes_every_word_and_leaves_the_run_alone(open_lab: Any) -> None:
    lab = open_lab(steps=10_000)
    board = lab.board
    lab.play()
    board.controls.inputs["weight"].value = 0.1
    until(lambda: lab.recording.changes and lab.recording.frame_count > 2)
    board.map.select((1, 3), "mine")
    player, recorded, chosen = lab.player, lab.recording, lab.experiment
    board.language_button.click()
    assert language() == "zh"
    assert buttons(board) == ["暂停", "单步", "重置", "停止"]
    assert board.objective.label == "DANN（骗过域判别器）"
    assert board.speed.label == "全速"
    assert board.controls.inputs["lr"].description == "η 学习率"
    assert "训练中" in board._status.value
    assert "目标域准确率" in board._numbers.value
    assert board.map.words["Mark wrong"] == "标出错误"
    until(lambda: any("权重" in text for _, text in board.curves._changes))
    assert any("权重" in text for _, text, _ in board.timeline.ticks)
    assert (lab.player, lab.recording, lab.experiment) == (player, recorded, chosen), (
        "no handler heard it"
    )
    assert board.map.selected == (1, 3)
    step = lab.session.step_number
    until(lambda: lab.session.step_number > step)
    assert lab.error is None
    assert lab.player.state == "playing"


def test_there_and_back_again_everything_says_what_it_said(open_lab: Any) -> None:
    lab = open_lab()
    lab.step(2)
    lab.wait(60)
    until(
        lambda: "Paused" in lab.board.status_text and "Play" in buttons(lab.board)[0]
    )  # the button changes after the status
    before = said(lab)
    language("zh")
    assert said(lab) != before
    lab.board.language_button.click()
    assert said(lab) == before


def said(lab: tl.Lab) -> list[tuple[Any, ...]]:
    """All words and values of the board's own controls and texts."""
    parts = ("description", "tooltip", "value", "options", "index")
    rate = re.compile(r'tlt-rate">.*?</span>')
    return [
        tuple(rate.sub("", str(getattr(w, part, ""))) for part in parts)
        for w in tree(lab.widget)
        if hasattr(w, "tooltip")
    ]


def test_a_frame_that_is_looked_back_at_stays_and_is_told_anew(
    open_lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = open_lab()
    lab.play()
    lab.wait(60)
    until(lambda: "Finished" in lab.board.status_text)
    lab.board.timeline.position = 0
    shown = lab.screen.frame
    notes: list[str] = []
    monkeypatch.setattr(lab.board.map, "send", lambda *frame, **_: notes.append(frame[3]))
    language("zh")
    assert lab.screen.frame is shown
    assert lab.board.timeline.position == 0
    assert notes == [f"第 {shown.step} 步，第 1 帧，共 {lab.recording.frame_count} 帧"]


def test_every_open_board_follows_and_a_closed_one_does_not_mind(open_lab: Any) -> None:
    one, two, gone = open_lab(), open_lab(name="two"), open_lab(name="gone")
    gone.close()
    one.board.language_button.click()
    assert buttons(two.board)[0] == "播放"
    assert two.board.language_button.description == "English"
    assert language() == "zh"


def test_the_button_is_called_by_where_it_leads_and_explained_in_both_languages(
    open_lab: Any,
) -> None:
    button = open_lab().board.language_button
    assert button.description == "中文"
    assert button.tooltip == "Language · 语言: 中文"
    assert button.tabbable is not False
    button.click()
    assert button.description == LANGUAGES["en"]


def test_the_switch_can_be_hidden(open_lab: Any) -> None:
    assert "tlt-hidden" in open_lab(hide=("language",)).board.language_button._dom_classes


def test_two_side_by_side_have_one_switch(closing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    options = SMALL | {"steps": 12, "device": "cpu", "threads": 1, "projection": "pca"}
    both = closing(
        tl.Compare("digits->shifted-digits", "source-only", "dann", name="test", **options)
    )
    both.step(2)
    both.wait(60)
    both.labs[1].board.handlers.set("weight", 0.5)
    both.step(2)
    both.wait(60)
    until(lambda: both.board.timeline.ticks)
    both.stop()
    until(
        lambda: all(lab.player.state == "stopped" for lab in both.labs)
    )  # nothing but the switch tells it anew
    both.board.speed.value = 10.0
    heard: list[Any] = []
    monkeypatch.setattr(both, "_both", heard.append)
    both.board.language_button.click()
    assert heard == []
    assert (both.board.speed.value, both.board.speed.label) == (10.0, "10 步/秒")
    assert buttons(both.board)[1:] == ["单步", "重置", "停止"]
    assert both.board.projection.label == "PCA（固定的线性视图）"
    assert "目标域准确率" in both.board._said[0].value
    assert "DANN（骗过域判别器）：第 3 步：权重 1 → 0.5" in [
        text for _, text, _ in both.board.timeline.ticks
    ]
    assert all(
        "tlt-language" not in w._dom_classes or w is both.board.language_button
        for w in tree(both.widget)
        if hasattr(w, "_dom_classes")
    )


def test_a_button_that_sleeps_says_why_in_the_new_language_and_wakes_as_itself() -> None:
    board = Board()
    board.sleep(mark("Commit your prediction above first"))
    language("zh")
    assert board.play_button.disabled
    assert board.step_button.tooltip == "请先在上面提交你的预测"
    assert board.stop_button.tooltip == tr("End this run and its thread; what was recorded stays")
    board.sleep()
    assert not board.play_button.disabled
    assert board.play_button.tooltip == "训练，并看特征移动"
    board.close()


def test_no_handler_hears_a_choice_that_is_only_told_anew() -> None:
    setting = tl.objectives.MMD.settings
    heard: list[Any] = []
    controls = Controls(setting, {}, lambda *told: heard.append(told))
    controls.move({"estimator": "biased"})
    board = Board(
        Handlers(choose=lambda *told: heard.append(told), set=lambda *told: heard.append(told))
    )
    board.set_choices(
        objectives=[
            ("DANN (fool a domain discriminator)", "dann"),
            ("MMD (equal mean embeddings)", "mmd"),
        ],
        objective="mmd",
    )
    language("zh")
    assert heard == []
    assert controls.inputs["estimator"].label == "有偏"
    assert board.objective.value == "mmd"
    board.close()
    controls.close()


def test_english_words_do_not_travel_and_a_page_gets_only_its_own() -> None:
    view = MapView()
    assert view.words == {}
    language("zh")
    assert "Copy link" not in view.words
    assert view.words["Lasso"] == "套索"
    view.close()


@pytest.mark.parametrize("objective", LESSONS)
def test_a_chinese_board_of_the_lessons_says_nothing_in_english(
    objective: str, open_lab: Any
) -> None:
    language("zh")
    lab = open_lab(objective)
    lab.board.controls.show({"lr": 0.001})
    for widget in tree(lab.widget):
        for text in texts(widget):
            left = [word for word in re.findall(r"[A-Za-z][\w-]{2,}", text) if word not in NAMES]
            assert not left or HAN.search(text), text


def texts(widget: Any) -> list[str]:
    """What a widget shows or speaks, without the names of domains, which are told as they are."""
    found = [str(getattr(widget, part, "") or "") for part in ("description", "tooltip")]
    value = str(getattr(widget, "value", ""))
    inside = (
        [*re.split(r"<[^>]*>", value), *re.findall(r'title="([^"]*)"', value)]
        if "<" in value
        else []
    )
    options = [
        str(option[0]) for option in getattr(widget, "options", ()) if isinstance(option, tuple)
    ]
    return [text for text in (*found, *inside, *options) if text.strip()]
