"""The board in another language: one switch for everything that is open, and nothing but the words changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pages import choose, label, look_back, move, rows, turn_language
from test_lab import SMALL
from waiting import until

import tltutor as tl
from tltutor import language as room
from tltutor.language import LANGUAGES, language, mark, tr
from tltutor.views import Board, Controls, Handlers, modules
from tltutor.views.front import script

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


def values(board: Any) -> Iterator[tuple[str, str, Any]]:
    """What each part of a board shows, by the part's name and the value's."""
    for part, channel in board.widget.parts.items():
        for name, value in channel.state.items():
            yield part, name, value


def test_the_toys_classes_have_their_words_on_the_page_and_in_an_export(
    open_lab: Any, tmp_path: Path
) -> None:
    lab = open_lab(pair="moons->rotated-moons", network="mlp", network_options={}, pair_options={})
    assert "upper" not in lab.board.widget.words, "English needs none"
    language("zh")
    assert [lab.board.widget.words[name] for name in lab.session.pair.class_names] == [
        "上弧",
        "下弧",
    ]
    lab.step(1)
    lab.wait()
    assert "上弧" in lab.export(tmp_path / "page.html").read_text("utf-8")


def test_the_switch_changes_every_word_and_leaves_the_run_alone(open_lab: Any) -> None:
    lab = open_lab(steps=10_000)
    board = lab.board
    lab.play()
    move(board.controls, "weight", 0.1)
    until(lambda: lab.recording.changes and lab.recording.frame_count > 2)
    board.map.select((1, 3), "mine")
    player, recorded, chosen = lab.player, lab.recording, lab.experiment
    turn_language(board)
    assert language() == "zh"
    assert board.header.playing
    said = ("Pause", "Step", "Reset", "Stop", "Playing", "Target accuracy", "Mark wrong")
    assert [board.widget.words[word] for word in said] == [
        *("暂停", "单步", "重置", "停止"),
        *("训练中", "目标域准确率", "标出错误"),
    ]
    assert label(board, "objective") == "DANN（骗过域判别器）"
    assert label(board, "speed") == "全速"
    assert rows(board.controls)["lr"]["title"] == "η 学习率"
    assert board.status.shown["state"] == "playing"
    assert {"lr", "weight"} <= set(board.controls.values)
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
    until(lambda: lab.board.status.shown["state"] == "paused" and not lab.board.header.playing)
    before = said(lab)
    language("zh")
    assert said(lab) != before
    turn_language(lab.board)
    assert said(lab) == before


def said(lab: tl.Lab) -> list[Any]:
    """All words and values that the page has; not how fast the run is, and not the map's heartbeats."""
    found = {(part, name): value for part, name, value in values(lab.board)}
    found["status", "shown"] = found["status", "shown"] | {"rate": None}
    beats = ("pulse", "stalled", "sequence")
    return [lab.board.widget.words, {at: v for at, v in found.items() if at[1] not in beats}]


def test_a_frame_that_is_looked_back_at_stays_and_is_told_anew(
    open_lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = open_lab()
    lab.play()
    lab.wait(60)
    until(lambda: lab.board.status.shown["state"] == "finished")
    look_back(lab.board, 0)
    shown = lab.screen.frame
    notes: list[str] = []
    monkeypatch.setattr(lab.board.map, "send", lambda *frame, **_: notes.append(frame[3]))
    language("zh")
    assert lab.screen.frame is shown
    assert lab.board.timeline.position == 0
    assert notes == [f"第 1 帧，共 {lab.recording.frame_count} 帧"]


def test_every_open_board_follows_and_a_closed_one_does_not_mind(open_lab: Any) -> None:
    one, two, gone = open_lab(), open_lab(name="two"), open_lab(name="gone")
    gone.close()
    turn_language(one.board)
    assert two.board.widget.words["Play"] == "播放"
    assert two.board.switch.title == "English"
    assert language() == "zh"


def test_the_button_is_called_by_where_it_leads_and_explained_in_both_languages(
    open_lab: Any,
) -> None:
    board = open_lab().board
    assert board.switch.title == "中文"
    assert board.switch.about == "Language · 语言: 中文"
    turn_language(board)
    assert board.switch.title == LANGUAGES["en"]


def test_the_switch_can_be_hidden(open_lab: Any) -> None:
    assert "language" in open_lab(hide=("language",)).board.frame.hidden
    assert "language" not in open_lab(name="other").board.frame.hidden


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
    choose(both.board, "speed", 10.0)
    heard: list[Any] = []
    monkeypatch.setattr(both, "_both", heard.append)
    turn_language(both.board)
    assert heard == []
    assert both.board.header.chosen["speed"] == 10.0
    assert label(both.board, "speed") == "10 步/秒"
    words = both.board.widget.words
    assert [words[word] for word in ("Step", "Reset", "Stop")] == ["单步", "重置", "停止"]
    assert words["Train both, step for step"] == tr("Train both, step for step")
    assert label(both.board, "projection") == "PCA（固定的线性视图）"
    assert words["Target accuracy"] == "目标域准确率"
    assert "DANN（骗过域判别器）：第 3 步：权重 1 → 0.5" in [
        text for _, text, _ in both.board.timeline.ticks
    ]
    switches = [p for p in both.board.parts.values() if isinstance(p, type(both.board.switch))]
    assert switches == [both.board.switch]


def test_a_button_that_sleeps_says_why_in_the_new_language_and_wakes_as_itself() -> None:
    board = Board()
    board.sleep(mark("Commit your prediction above first"))
    assert board.header.reason == "Commit your prediction above first"
    language("zh")
    assert board.header.reason == "请先在上面提交你的预测"
    board.sleep()
    assert board.header.reason == ""
    language("en")
    assert board.header.reason == ""
    board.close()


def test_no_handler_hears_a_choice_that_is_only_told_anew() -> None:
    setting = tl.objectives.MMD.settings
    heard: list[Any] = []
    controls = Controls(lambda *told: heard.append(told))
    controls.fill(setting, {})
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
    assert controls.values["estimator"] == "biased"
    assert ["有偏", "biased"] in rows(controls)["estimator"]["choices"]
    assert board.header.chosen["objective"] == "mmd"
    assert label(board, "objective").startswith("MMD（")
    board.close()
    controls.close()


@pytest.mark.parametrize("objective", LESSONS)
def test_a_chinese_board_of_the_lessons_says_nothing_in_english(
    objective: str, open_lab: Any
) -> None:
    language("zh")
    lab = open_lab(objective)
    lab.board.controls.show({"lr": 0.001})
    lab.board.sleep("Commit your prediction above first")
    board = lab.board
    page = [board.widget.words[word] for word in modules.said(script())]
    words = [re.sub(r"\{\w+\}", "", text) for text in page]
    assert len(words) > 100
    for text in (*texts(board), *words):
        left = [word for word in re.findall(r"[A-Za-z][\w-]{2,}", text) if word not in NAMES]
        assert not left or HAN.search(text), text
    assert set(board.curves.told) <= set(board.widget.words), "the curves' names travel, too"


def texts(board: Any) -> list[str]:
    """What the page has to show or speak beside its own words, without the names of domains, which are told as they are."""
    controls = (board.controls, board.map_controls)
    told = [row for part in controls for row in part.rows]
    fields = [found for name, found in board.header.options.items() if name != "pair"]
    options = [said for found in fields for text, _, *group in found for said in (text, *group)]
    found = [row[part] for row in told for part in ("title", "about")]
    found += [text for row in told for text, _ in row.get("choices", ())]
    found += [note for part in controls for note in part.notes.values()]
    found += [board.header.reason, board.status.shown["note"], board.foot.reason, board.map.note]
    found += [
        board.switch.title,
        board.switch.about,
        *(text for _, text, _ in board.timeline.ticks),
    ]
    return [text for text in (*found, *options) if text.strip()]
