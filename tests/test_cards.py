"""Question cards and lesson logic: answers, feedback, runs side by side, exercises; what they show is escaped and works by keyboard."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ipywidgets as w
import pytest
from ipywidgets.widgets.widget import _instances

from tltutor import lessons
from tltutor.events import Changed, Looked
from tltutor.lessons import cards as logic
from tltutor.lessons import runs
from tltutor.views import cards as views
from tltutor.views.cards import Card, CardStack, Note, Table

VIEWS = Path(views.__file__).parent
NASTY = '<img src=x onerror=alert(1)> & "more"'
GAINS = {"much better": (0.08, math.inf), "about the same": (-0.08, 0.08), "much worse": (-math.inf, -0.08)}


@pytest.fixture(autouse=True)
def forgotten() -> Any:
    """No question of another test is remembered."""
    yield
    for asked in logic._shown.values():
        asked.view.close()
    logic._shown.clear()


def answer(card: Card, option: str) -> None:
    """What a learner does: choose, then press the button."""
    card.radios.value = option
    card.button.click()


# --- the card


def card(note: Note | None = None, options: tuple[str, ...] = ("a", "b")) -> tuple[Card, list[str]]:
    heard: list[str] = []

    def commit(chosen: str) -> Note:
        heard.append(chosen)
        return note or Note("fine")

    return Card("Why?", options, commit, kind="Explain", button="Check"), heard


def test_nothing_is_chosen_at_first_and_the_button_sleeps() -> None:
    made, heard = card()
    assert made.radios.value is None
    assert made.button.disabled
    made.button.click()
    assert heard == []


def test_a_choice_wakes_the_button_and_commits_once_pressed() -> None:
    made, heard = card(Note("because", "wrong"))
    made.radios.value = "b"
    assert heard == []
    assert not made.button.disabled
    made.button.click()
    assert heard == ["b"]
    assert "because" in made.feedback.value
    assert not made.radios.disabled


def test_another_choice_takes_the_old_feedback_away() -> None:
    made, _ = card(Note("because", "wrong"))
    answer(made, "b")
    made.radios.value = "a"
    assert made.feedback.value == ""


def test_a_final_note_closes_the_card() -> None:
    made, _ = card(Note("done", "right", final=True))
    answer(made, "a")
    assert made.radios.disabled
    assert made.button.disabled
    assert "done" in made.feedback.value


def test_what_a_card_shows_is_escaped() -> None:
    made = Card(NASTY, ["a", "b"], lambda _: Note(NASTY), kind=NASTY, button="Check")
    answer(made, "a")
    shown = "".join(part.value for part in made.widget.children if isinstance(part, w.HTML))
    assert "<img" not in shown
    assert shown.count("&lt;img src=x") == 3


def test_closing_a_card_closes_all_its_widgets() -> None:
    before = set(_instances)
    stack = CardStack([card()[0]])
    assert set(_instances) > before
    stack.close()
    assert set(_instances) == before


@pytest.mark.parametrize(("mood", "lead"), [("plain", ""), ("noted", "Noted."), ("right", "Yes."), ("wrong", "Not quite.")])
def test_a_notes_mood_is_said_not_only_coloured(mood: Any, lead: str) -> None:
    note = Note("so it is", mood)
    assert repr(note) == f"{lead} so it is".strip()
    assert lead in note._repr_html_()
    assert f"tlt-note-{mood}" in note.html


def test_a_table_is_escaped_and_reads_as_text_too() -> None:
    table = Table(("a", NASTY), [(NASTY, "1")], NASTY)
    assert "<img" not in table._repr_html_()
    assert repr(table).splitlines() == [f"a | {NASTY}", f"{NASTY} | 1", NASTY]


@pytest.mark.parametrize("mood", ["noted", "right", "wrong"])
def test_every_mood_has_its_style(mood: str) -> None:
    assert f".tlt-note-{mood}" in (VIEWS / "cards.css").read_text("utf-8")


def test_colours_come_from_the_theme() -> None:
    css = (VIEWS / "cards.css").read_text("utf-8")
    for variable in ("--jp-content-font-color1", "--jp-layout-color1", "--jp-border-color2", "--jp-brand-color1"):
        assert f"var({variable}" in css


PAGE = """
const {{ dress }} = await import({module});
const make = (extra = {{}}) => ({{ a: {{}}, setAttribute(k, v) {{ this.a[k] = v; }}, ...extra }});
const radios = [make(), make(), make()], group = make(), question = make(), feedback = make();
const card = make({{
  heard: [],
  addEventListener(kind, hear) {{ if (kind === "keydown") this.heard.push(hear); }},
  querySelectorAll: () => ({radios}),
  querySelector: (s) => ({{ ".widget-radio-box": group, ".tlt-question": question }})[s] ?? feedback,
}});
const done = dress(card), stopped = [];
const keys = [["ArrowDown"], ["d"], ["Enter"], ["Enter", "shiftKey"], ["s", "ctrlKey"], ["s", "metaKey"]];
for (const [key, held] of keys)
  for (const hear of card.heard) hear({{ key, [held]: true, stopPropagation() {{ stopped.push(key); }} }});
const names = radios.map((r) => r.name);
console.log(JSON.stringify({{ done, names, stopped, group: group.a, feedback: feedback.a, card: card.a, id: question.id }}));
"""


def dressed(radios: str = "radios") -> dict[str, Any]:
    """What the front-end module makes of a card that is built of plain objects."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node: the front end's module cannot be run")
    code = PAGE.format(module=json.dumps((VIEWS / "cards.js").as_uri()), radios=radios)
    done = subprocess.run([node, "--input-type=module", "-e", code], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def test_the_page_makes_one_group_and_a_live_region() -> None:
    page = dressed()
    assert page["done"] is True
    assert len(set(page["names"])) == 1
    assert page["names"][0]
    assert page["group"] == {"role": "radiogroup", "aria-labelledby": page["id"]}
    assert page["feedback"] == {"role": "status", "aria-live": "polite"}
    assert page["card"]["role"] == "group"
    assert page["stopped"] == ["ArrowDown", "d", "Enter"]


def test_the_page_waits_until_the_card_is_whole() -> None:
    assert dressed("[]")["done"] is False


# --- questions


def question(**changes: Any) -> lessons.Question:
    return lessons.Question(**{"text": "Why?", "options": {"a": "A it is.", "b": "B is a myth."}, "right": "a"} | changes)


@pytest.mark.parametrize("changes", [{"right": "c"}, {"options": {"a": "alone"}}])
def test_a_question_without_a_right_answer_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="two options or more"):
        question(**changes)


def test_a_wrong_option_says_its_own_reason_and_may_be_left() -> None:
    choice = lessons.choose("Why?", {"a": "A it is.", "b": "B is a myth."}, right="a")
    answer(choice.card, "b")
    assert "B is a myth." in choice.card.feedback.value
    assert "Not quite." in choice.card.feedback.value
    answer(choice.card, "a")
    assert "Yes." in choice.card.feedback.value
    assert choice.card.radios.disabled
    assert choice.tries == ["b", "a"]
    assert not choice.right_at_once


WRITTEN = """
? First?
- no :: Not so.
+ yes: really :: So it is.

? Second?
+ a :: A it is.
- b :: B is a myth.
"""


def test_questions_are_read_as_they_are_written() -> None:
    first, second = logic.written(WRITTEN)
    assert first == lessons.Question("First?", {"no": "Not so.", "yes: really": "So it is."}, "yes: really")
    assert list(first.options) == ["no", "yes: really"]
    assert second.right == "a"


@pytest.mark.parametrize("text", ["+ a :: early", "? q\n+ a", "? q\nwhy", "? q\n* a :: b", "? q\n+ :: "])
def test_a_line_that_is_no_option_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a line must be"):
        logic.written(text)


@pytest.mark.parametrize("text", ["? q\n- a :: x\n- b :: y", "? q\n+ a :: x\n+ b :: y"])
def test_one_option_must_be_right(text: str) -> None:
    with pytest.raises(ValueError, match="one right option"):
        logic.written(text)


def test_exit_questions_count_first_tries_once_all_are_answered() -> None:
    asked = lessons.exit_questions(WRITTEN)
    first, second = asked.choices
    assert "Exit question 1 of 2" in first.card.widget.children[1].value
    answer(first.card, "no")
    answer(first.card, "yes: really")
    assert asked.stack.summary.value == ""
    answer(second.card, "a")
    assert "1 of 2 right at the first try" in asked.stack.summary.value


def test_asked_again_the_old_card_is_closed() -> None:
    old, new = (lessons.choose("Why?", {"a": "", "b": ""}, right="a") for _ in range(2))
    assert old.card.button.comm is None
    assert new.card.button.comm is not None
    assert new._repr_mimebundle_() is not None


# --- predictions


def fake_lab(**changes: Any) -> Any:
    """As much of a lab as lessons read: buttons, session, experiment, recording."""
    buttons = {f"{name}_button": w.Button(description=name, tooltip=f"Let it {name}") for name in ("play", "step")}
    numbers = {"target_accuracy": 0.5, "source_accuracy": 0.9, "domain_probe_accuracy": 0.75} | changes.get("numbers", {})
    step, steps = changes.get("step", 10), 10
    objective = SimpleNamespace(title=changes.get("title", "DANN"), uses=changes.get("uses", {"source", "target"}))
    session = SimpleNamespace(
        objective=objective,
        pair=SimpleNamespace(name="pair"),
        network=SimpleNamespace(name="lenet"),
        values={"weight": changes.get("weight", 1.0), "lr": 0.01, "freeze_depth": 0},
        step_number=step,
        steps=steps,
        done=step >= steps,
    )
    experiment = SimpleNamespace(seed=changes.get("seed", 0), pair_options={}, network_options={}, session_options={"weight": 1})
    latest = Looked(changes.get("looked", step), [[0.0]], [0], [0], [False], numbers)
    recording = SimpleNamespace(latest=latest, changes=changes.get("changes", ()))
    board = SimpleNamespace(**buttons)
    return SimpleNamespace(board=board, session=session, experiment=experiment, recording=recording, error=changes.get("error"))


def test_play_sleeps_until_the_prediction_is_committed() -> None:
    guess, lab = lessons.predict("How much?", GAINS), fake_lab()
    guess.opens(lab)
    assert lab.board.play_button.disabled
    assert lab.board.step_button.disabled
    assert "Commit" in lab.board.play_button.tooltip
    answer(guess.view, "much better")
    assert not lab.board.play_button.disabled
    assert not lab.board.step_button.disabled
    assert lab.board.play_button.tooltip == "Let it play"


def test_a_committed_prediction_stands_when_its_cell_is_run_again() -> None:
    answer(lessons.predict("How much?", GAINS).view, "about the same")
    again, lab = lessons.predict("How much?", GAINS), fake_lab()
    assert again.chosen == "about the same"
    assert again.view.radios.value == "about the same"
    assert again.view.radios.disabled
    again.opens(lab)
    assert not lab.board.play_button.disabled


def test_run_again_before_the_answer_the_same_lab_waits() -> None:
    lab = fake_lab()
    lessons.predict("How much?", GAINS).opens(lab)
    answer(lessons.predict("How much?", GAINS).view, "much worse")
    assert not lab.board.play_button.disabled


def test_a_prediction_whose_options_changed_is_asked_anew() -> None:
    answer(lessons.predict("How much?", GAINS).view, "much worse")
    assert lessons.predict("How much?", {"x": (0, 1), "y": (1, 2)}).chosen == ""


@pytest.mark.parametrize(
    ("number", "mood", "words"),
    [
        (0.3, "right", "+0.300, as you predicted"),
        (0.08, "right", "as"),
        (0.0799, "wrong", "about the same"),
        (-0.5, "wrong", "much worse"),
    ],
)
def test_a_prediction_is_held_to_the_number(number: float, mood: str, words: str) -> None:
    guess = lessons.predict("How much?", GAINS)
    answer(guess.view, "much better")
    note = guess.check(number)
    assert note.mood == mood
    assert words in note.text
    assert "much better" in note.text


def test_a_number_that_cannot_be_negative_has_no_sign() -> None:
    guess = lessons.predict("How much?", {"half": (0.4, 0.6), "all": (0.9, 1.1)})
    answer(guess.view, "half")
    assert "says 0.462, as" in guess.check(0.462).text


def test_a_check_before_its_time_says_what_is_missing() -> None:
    guess = lessons.predict("How much?", GAINS)
    assert "not committed" in guess.check(0.3).text
    answer(guess.view, "much better")
    assert "Nothing to compare" in guess.check(None).text
    assert guess.check(math.nan).mood == "wrong"


# --- runs side by side


def test_two_fair_runs_give_a_difference() -> None:
    one = fake_lab(numbers={"target_accuracy": 0.9})
    other = fake_lab(title="Source only", uses={"source"})
    both = lessons.side_by_side({"with": one, "without": other})
    assert both.objections == ()
    assert both.difference("target_accuracy") == pytest.approx(0.4)
    text = repr(both)
    assert "with | DANN | 1 | 0 | 10 of 10 | 0.900 | 0.900 | 0.750" in text
    assert "without | Source only | – | 0" in text
    assert "<table" in both._repr_html_()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"step": 4}, "at step 4 of 10: let it finish"),
        ({"looked": 7}, "let it finish"),
        ({"error": FloatingPointError("nan")}, "let it finish"),
        ({"seed": 1}, "one thing only, but seed differs"),
        ({"changes": (Changed(5, "weight", 1.0, 2.0),)}, "a slider was moved"),
    ],
)
def test_an_unfair_comparison_gives_no_number(changes: dict[str, Any], words: str) -> None:
    both = lessons.side_by_side({"one": fake_lab(), "other": fake_lab(**changes)})
    assert words in " ".join(both.objections)
    assert words in repr(both)
    assert both.difference("target_accuracy") is None


def test_lambda_may_differ() -> None:
    both = lessons.side_by_side({"one": fake_lab(), "other": fake_lab(weight=10.0)})
    assert both.objections == ()


def test_what_acted_is_read_from_the_recording() -> None:
    lab = fake_lab()
    lab.recording.stepped = [SimpleNamespace(acting={"weight": step / 10}) for step in range(6)]
    assert lessons.acted(lab, "weight", progress=0.1) == 0.1
    assert lessons.acted(lab, "weight", progress=0.5) == 0.5
    assert lessons.acted(lab, "weight", progress=0.6) is None
    lab.recording.changes = (Changed(2, "lr", 1.0, 2.0),)
    assert lessons.acted(lab, "weight", progress=0.1) == 0.1
    lab.recording.changes = (Changed(2, "weight", 1.0, 2.0),)
    assert lessons.acted(lab, "weight", progress=0.1) is None


def test_one_run_is_no_comparison() -> None:
    with pytest.raises(ValueError, match="two labs or more, got 1"):
        lessons.side_by_side({"alone": fake_lab()})


@pytest.mark.parametrize(("value", "plays"), [("1", 1), ("", 0), ("0", 0)])
def test_only_a_test_run_plays_by_itself(value: str, plays: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(runs.TEST_RUN, value)
    called: list[str] = []
    lab = fake_lab(step=3)
    lab.play, lab.wait = lambda: called.append("play"), lambda: called.append("wait")
    lessons.autoplay(lab)
    assert called == ["play", "wait"] * plays
    done = fake_lab()
    lessons.autoplay(done)  # has no play: nothing may be asked of it


# --- exercises


def checked(mine: Any) -> Note:
    return lessons.check(mine, oracle=lambda x: 2 * x, cases=[(1.0,), (3.0,)], mistakes={"You halved it.": lambda x: x / 2})


@pytest.mark.parametrize(
    ("mine", "mood", "words"),
    [
        (lambda x: x + x, "right", "same numbers"),
        (lambda x: x / 2, "wrong", "You halved it."),
        (lambda x: x + 1, "wrong", "For (3.0,) yours gives 4, the package's 6"),
        (lambda x: ... * x, "plain", "blank"),
        (lambda _: ..., "plain", "blank"),
        (lambda _: None, "wrong", "return"),
        (lambda _: 1 / 0, "wrong", "ZeroDivisionError"),
        (lambda: 1, "wrong", "TypeError"),
        (lambda _: math.nan, "wrong", "yours gives nan"),
    ],
)
def test_an_exercise_says_why(mine: Any, mood: str, words: str) -> None:
    note = checked(mine)
    assert note.mood == mood
    assert words in note.text


@pytest.mark.parametrize(("gradient", "weight"), [(2.0, 0.5), (-3.0, 1.0), (1.0, 0.0)])
def test_the_reversal_seen_from_outside(gradient: float, weight: float) -> None:
    assert lessons.gradient_through_reversal(gradient, weight) == -weight * gradient
