"""Question cards and lesson logic: answers, feedback, runs side by side; what they show is escaped and works by keyboard."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ipywidgets.widgets.widget import _instances

from tltutor import lessons
from tltutor.events import Changed, Finished, Snapshot
from tltutor.language import language
from tltutor.lessons import cards as logic
from tltutor.lessons import runs
from tltutor.lessons.cards import Choice, ExitTicket, Prediction
from tltutor.lessons.progress import Entry
from tltutor.lessons.wording import Axis, Option, Question
from tltutor.views import cards as views
from tltutor.views.answers import Number, Options, Sketch
from tltutor.views.cards import Note, QuestionView, Table, Words
from tltutor.views.front import Front
from tltutor.views.header import Header

VIEWS = Path(views.__file__).parent
NASTY = '<img src=x onerror=alert(1)> & "more"'
GAINS = {
    "much better": (0.08, math.inf),
    "about the same": (-0.08, 0.08),
    "much worse": (-math.inf, -0.08),
}
written: list[tuple[str, str, dict[str, Any]]] = []


def write(task: str, did: str, **facts: Any) -> Entry:
    written.append((task, did, facts))
    return Entry("now", "01", task, did, facts)


def both(text: str) -> dict[str, str]:
    return {"en": text, "zh": f"中{text}"}


@pytest.fixture(autouse=True)
def forgotten() -> Any:
    """No question of another test is remembered."""
    yield
    for asked in logic._shown.values():
        asked.close()
    logic._shown.clear()
    written.clear()


def choose_draft(card: QuestionView, draft: Any) -> None:
    """What a page says when a learner chooses, types or draws."""
    card.receive("set", {"draft": draft})


def answer(card: QuestionView, option: Any) -> None:
    """What a page says when a learner chooses, then presses the button."""
    choose_draft(card, option)
    card.receive("message", {"kind": "commit", "answer": option})


# --- the card


def card(
    note: Note | None = None, answers: Any = None, words: str = "Why?"
) -> tuple[QuestionView, list[Any]]:
    heard: list[Any] = []

    def commit(chosen: Any) -> Note:
        heard.append(chosen)
        return note or Note("fine")

    field = answers or Options({"a": "a", "b": "b"})
    return QuestionView(Words("Explain", words, "Check"), field, commit), heard


def test_nothing_is_chosen_at_first_and_no_answer_is_none() -> None:
    made, heard = card()
    assert made.draft is None
    for wrong in (None, "c", 0, ["a"], True):
        made.receive("message", {"kind": "commit", "answer": wrong})
    made.receive("message", {"kind": "press", "answer": "a"})
    assert heard == []


def test_a_choice_commits_once_pressed() -> None:
    made, heard = card(Note("because", "wrong"))
    choose_draft(made, "b")
    assert heard == []
    made.receive("message", {"kind": "commit", "answer": "b"})
    assert heard == ["b"]
    assert made.note == {"mood": "wrong", "lead": "Not quite.", "text": "because"}
    assert not made.closed


def test_a_press_brings_its_answer_along_and_needs_no_choice_before_it() -> None:
    """Whatever the kernel has not heard yet: what was on the screen is what counts."""
    made, heard = card()
    choose_draft(made, "a")
    made.receive("message", {"kind": "commit", "answer": "b"})
    assert heard == ["b"]
    assert made.draft == "b"


def test_another_choice_takes_the_old_feedback_away() -> None:
    made, _ = card(Note("because", "wrong"))
    answer(made, "b")
    choose_draft(made, "a")
    assert made.note == {}


def test_a_final_note_closes_the_card() -> None:
    made, heard = card(Note("done", "right", final=True))
    answer(made, "a")
    assert made.closed
    answer(made, "b")  # as a second tab may say it
    assert (heard, made.draft) == (["a"], "a")
    assert "done" in made.note["text"]


def test_what_a_card_shows_is_escaped() -> None:
    made, _ = card(Note(NASTY), Options({"a": "a", "b": NASTY}), NASTY)
    answer(made, "a")
    assert "<img" not in made.html
    assert made.html.count("&lt;img src=x") == 3
    assert NASTY in made.line


def test_without_a_kernel_the_chosen_option_and_the_note_are_still_there() -> None:
    made, _ = card(Note("because", "wrong"))
    assert "<li>b</li>" in made.html
    answer(made, "b")
    assert "<li><b>b</b></li>" in made.html
    assert "because" in made.html
    assert "between 0 and 1" in card(answers=Number(0.0, 1.0))[0].html
    made.reason = "Later."
    assert "Later." in made.html
    assert "<li>" not in made.html


def test_closing_a_card_closes_its_widget() -> None:
    before, shown = set(_instances), logic.Card("key", {"question": card()[0]})
    assert set(_instances) == before, "none before it is shown"
    assert isinstance(shown.widget, Front)
    assert len(set(_instances) - before) == 2, "itself and its layout"
    shown.close()
    assert set(_instances) == before
    assert shown.parts["question"]._fronts == []


@pytest.mark.parametrize(
    ("mood", "lead"),
    [("plain", ""), ("noted", "Noted."), ("right", "Yes."), ("wrong", "Not quite.")],
)
def test_a_notes_mood_is_said_not_only_colored(mood: Any, lead: str) -> None:
    note = Note("so it is", mood)
    assert repr(note) == f"{lead} so it is".strip()
    assert lead in note._repr_html_()
    assert f"tlt-note-{mood}" in note.html


@pytest.mark.parametrize("text", ["Yes. So it is.", "Yes: so it is."])
def test_a_mood_that_the_text_says_is_not_said_twice(text: str) -> None:
    assert repr(Note(text, "right")) == text
    assert Note(text, "right").html.count("Yes") == 1
    assert repr(Note(text, "noted")) == f"Noted. {text}"
    assert repr(Note("Yesterday.", "right")) == "Yes. Yesterday."


def test_a_table_is_escaped_and_reads_as_text_too() -> None:
    table = Table(("a", NASTY), [(NASTY, "1")], NASTY)
    assert "<img" not in table._repr_html_()
    assert repr(table).splitlines() == [f"a | {NASTY}", f"{NASTY} | 1", NASTY]


@pytest.mark.parametrize("mood", ["noted", "right", "wrong"])
def test_every_mood_has_its_style(mood: str) -> None:
    assert f".tlt-note-{mood} " in (VIEWS / "cards.css").read_text("utf-8")


def test_colors_come_from_the_theme() -> None:
    css = (VIEWS / "cards.css").read_text("utf-8")
    for variable in (
        "--jp-content-font-color1",
        "--jp-layout-color1",
        "--jp-border-color2",
        "--jp-brand-color1",
    ):
        assert f"var({variable}" in css


# --- other answers than options


def test_a_number_counts_once_it_is_one_within_its_bounds() -> None:
    """The page reads what was typed: tests/js/cards.test.mjs."""
    made, heard = card(answers=Number(0.0, 1.0))
    for wrong in ("0.5", 2, -0.1, math.nan, math.inf, None, True):
        answer(made, wrong)
    assert heard == []
    for right in (0.5, 0, 1):
        answer(made, right)
    assert heard == [0.5, 0.0, 1.0]


def test_a_curve_counts_once_every_place_has_a_value() -> None:
    made, heard = card(Note("", final=True), Sketch([0.0, 0.5, 1.0], 0.0, 1.0, {}))
    choose_draft(made, [0.1, None, 0.3])
    for wrong in ([0.1, None, 0.3], [0.1, 0.2], [0.1, 0.2, "0.3"], [0.1, 0.2, math.nan], "abc"):
        made.receive("message", {"kind": "commit", "answer": wrong})
    assert heard == []
    made.receive("message", {"kind": "commit", "answer": [0.1, 0.2, 1.3]})
    assert heard == [[0.1, 0.2, 1.0]]
    assert made.closed


SKETCH = """
const {{ scales, nearest, stroke, keyed }} = await import({module});
const s = scales([0, 0.5, 1], [0, 2]);
console.log(JSON.stringify({{
  round: s.back(s.y(1.25)), above: s.back(-100), below: s.back(1000), near: nearest([0, 0.5, 1], s, s.x(0.6)),
  stroke: stroke([null, null, null, 9], [0, 1], [2, 3]), back: stroke([0, 0, 0], [2, 2], [0, 0]), up: keyed(1, "ArrowUp", [0, 2]),
  first: keyed(null, "ArrowDown", [0, 2]),
  most: keyed(1.95, "PageUp", [0, 2]), home: keyed(1, "Home", [0, 2]), other: keyed(1, "d", [0, 2]),
}}));
"""


def test_the_pad_draws_with_the_pointer_and_with_keys() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node: the front end's module cannot be run")
    code = SKETCH.format(module=json.dumps((VIEWS / "sketch.js").as_uri()))
    done = subprocess.run(
        [node, "--input-type=module", "-e", code], capture_output=True, text=True, check=True
    )
    drawn = json.loads(done.stdout)
    assert drawn["round"] == pytest.approx(1.25)
    assert (drawn["above"], drawn["below"], drawn["near"]) == (2, 0, 1)
    assert drawn["stroke"] == [1, 2, 3, 9]
    assert drawn["back"] == [0, 1, 2]
    assert (drawn["up"], drawn["first"], drawn["most"], drawn["home"], drawn["other"]) == (
        1.1,
        0.9,
        2,
        0,
        None,
    )


# --- questions


def question(**changes: Any) -> Question:
    options = (
        Option("a", both("Option a"), both("A it is.")),
        Option("b", both("Option b"), both("B is a myth.")),
    )
    given = {"id": "why", "text": both("Why?"), "options": options, "right_id": "a"}
    return Question(**given | changes)


def choose(known: Any = (), **changes: Any) -> Choice:
    return Choice(question(**changes), f"01/{changes.get('id', 'why')}", write, known)


@pytest.mark.parametrize("options", [(), (Option("alone", both("alone")),)])
def test_a_question_without_a_choice_is_refused(options: Any) -> None:
    with pytest.raises(ValueError, match="two options or more"):
        question(options=options, right_id="")


def test_a_sketch_without_axes_is_refused() -> None:
    with pytest.raises(ValueError, match="a sketch needs x, y"):
        question(answer="sketch", points=5)


def test_a_wrong_option_says_its_own_reason_and_may_be_left() -> None:
    choice = choose()
    answer(choice.view, "b")
    assert choice.view.note["text"] == "B is a myth."
    assert choice.view.note["lead"] == "Not quite."
    answer(choice.view, "a")
    assert choice.view.note["lead"] == "Yes."
    assert choice.view.closed
    assert choice.tries == ["b", "a"]
    assert not choice.right_at_once
    assert written == [
        ("why", "answered", {"answer": "b", "right": False}),
        ("why", "answered", {"answer": "a", "right": True}),
    ]


def test_an_answer_of_an_earlier_day_is_there_again() -> None:
    known = [Entry("then", "01", "why", "answered", {"answer": key}) for key in ("b", "a")]
    choice = choose(known)
    assert choice.view.draft == "a"
    assert choice.view.closed
    assert not choice.right_at_once
    assert written == []
    assert choose([Entry("then", "01", "why", "answered", {"answer": "gone"})]).view.draft is None


def test_the_exit_ticket_counts_first_tries_once_all_are_answered() -> None:
    first, second = choose(id="exit-1"), choose(id="exit-2")
    ticket = ExitTicket([first, second], "01/exit")
    answer(first.view, "b")
    answer(first.view, "a")
    assert ticket.summary.note == {}
    answer(second.view, "a")
    assert "1 of 2 right at the first try" in ticket.summary.note["text"]


def test_asked_again_the_old_card_is_closed() -> None:
    old = choose()
    assert old.widget.comm is not None
    new = choose()
    assert old.widget.comm is None
    assert new.widget.comm is not None


def test_what_is_asked_can_be_told_in_another_language(monkeypatch: pytest.MonkeyPatch) -> None:
    choice, guess = choose(), predict(GAINS)
    answer(choice.view, "b")
    answer(guess.view, "much better")
    monkeypatch.setattr("tltutor.language._chosen", [])
    language("zh")
    assert choice.view.words["question"] == "中Why?"
    assert choice.view.field["options"] == [["中Option a", "a"], ["中Option b", "b"]]
    assert choice.view.draft == "b"
    assert choice.view.note["text"] == "中B is a myth."
    assert guess.view.words["question"] == "中How much?"
    assert "已定" in guess.view.note["text"]


def test_a_saved_card_says_what_it_asked_and_what_to_run() -> None:
    bundle = choose()._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in data
    again = "run the cells above and then this one"
    for kind in ("text/plain", "text/html"):
        assert "Why?" in data[kind]
        assert again in data[kind]
    assert "Option b" in data["text/html"]


# --- predictions


def predict(options: dict[str, tuple[float, float]], known: Any = (), **changes: Any) -> Prediction:
    made = tuple(
        Option(text, both(text), low=low, high=high) for text, (low, high) in options.items()
    )
    return Prediction(
        Question(**{"id": "gain", "text": both("How much?"), "options": made} | changes),
        "01/gain",
        write,
        known,
    )


def fake_lab(**changes: Any) -> Any:
    """As much of a lab as lessons read: the first row, session, experiment, recording."""
    header = Header(lambda _: None, lambda *_: None)
    numbers = {
        "target_accuracy": 0.5,
        "source_accuracy": 0.9,
        "domain_probe_accuracy": 0.75,
    } | changes.get("numbers", {})
    step, steps = changes.get("step", 10), changes.get("steps", 10)
    own = changes.get("settings", {})
    named = [SimpleNamespace(name=name) for name in own]
    about = {
        "title": changes.get("title", "DANN"),
        "weighted": changes.get("weighted", True),
        "settings": named,
        **own,
    }
    objective = SimpleNamespace(**about)
    session = SimpleNamespace(
        objective=objective,
        pair=SimpleNamespace(name="pair"),
        network=SimpleNamespace(name="lenet"),
        values={
            "weight": changes.get("weight", 1.0),
            "lr": changes.get("lr", 0.01),
            "freeze_depth": changes.get("depth", 0),
        },
        step_number=step,
        steps=steps,
        done=step >= steps,
    )
    experiment = SimpleNamespace(
        seed=changes.get("seed", 0),
        pair_options={},
        network_options={},
        session_options={"weight": 1},
    )
    latest = Snapshot(changes.get("looked", step), [[0.0]], [0], [0], [False], numbers)
    recording = SimpleNamespace(latest=latest, changes=changes.get("changes", ()))
    board = SimpleNamespace(header=header, sleep=header.sleep)
    return SimpleNamespace(
        board=board,
        session=session,
        experiment=experiment,
        recording=recording,
        secret=frozenset(changes.get("secret", ())),
        error=changes.get("error"),
    )


def test_play_sleeps_until_the_prediction_is_committed() -> None:
    guess, lab = predict(GAINS), fake_lab()
    guess.unlocks(lab)
    assert "Commit" in lab.board.header.reason
    answer(guess.view, "much better")
    assert lab.board.header.reason == ""


def test_a_committed_prediction_stands_when_its_cell_is_run_again() -> None:
    answer(predict(GAINS).view, "about the same")
    known = [Entry("now", "01", task, did, facts) for task, did, facts in written]
    again, lab = predict(GAINS, known), fake_lab()
    assert again.chosen == "about the same"
    assert again.view.draft == "about the same"
    assert again.view.closed
    again.unlocks(lab)
    assert lab.board.header.reason == ""
    assert len(written) == 1


def test_run_again_before_the_answer_the_same_lab_waits() -> None:
    lab = fake_lab()
    predict(GAINS).unlocks(lab)
    answer(predict(GAINS).view, "much worse")
    assert lab.board.header.reason == ""


def test_a_prediction_whose_options_changed_is_asked_anew() -> None:
    known = [Entry("then", "01", "gain", "answered", {"answer": "much worse"})]
    assert predict(GAINS, known).chosen == "much worse"
    assert predict({"x": (0, 1), "y": (1, 2)}, known).chosen == ""


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
    guess = predict(GAINS)
    answer(guess.view, "much better")
    note = guess.check(number)
    assert note.mood == mood
    assert words in note.text
    assert "much better" in note.text
    assert written[-1] == ("gain", "scored", {"right": mood == "right"})


def test_a_number_that_cannot_be_negative_has_no_sign() -> None:
    guess = predict({"half": (0.4, 0.6), "all": (0.9, 1.1)})
    answer(guess.view, "half")
    assert "says 0.462, as" in guess.check(0.462).text


def test_a_check_before_its_time_says_what_is_missing() -> None:
    guess = predict(GAINS)
    assert "not committed" in guess.check(0.3).text
    answer(guess.view, "much better")
    assert "Nothing to compare" in guess.check(None).text
    assert guess.check(math.nan).mood == "wrong"


def test_a_word_may_be_what_came_true() -> None:
    options = (Option("head", both("the head alone")), Option("all", both("all of it")))
    guess = Prediction(Question("depth", both("Which?"), options), "01/depth", write)
    answer(guess.view, "all")
    assert guess.check("all").mood == "right"
    note = guess.check("head")
    assert note.text.count("the head alone") == 1, "the run names the option: not twice"
    assert note.mood == "wrong"
    assert "the head alone" in note.text
    assert "none of the options" in guess.check("nobody").text


@pytest.mark.parametrize(
    ("outcome", "mood"), [(0.55, "right"), (0.56, "wrong"), (0.45, "right"), (0.4, "wrong")]
)
def test_a_number_is_right_within_its_tolerance(outcome: float, mood: str) -> None:
    guess = predict({}, answer="number", tolerance=0.05)
    answer(guess.view, 0.5)
    assert guess.check(outcome).mood == mood


AXES = {"x": Axis(0.0, 1.0, both("run")), "y": Axis(0.0, 2.0, both("accuracy"))}


@pytest.mark.parametrize(
    ("truth", "mood", "words"),
    [
        ([0.0, 1.0, 2.0], "right", "0 % apart"),
        ([(0.0, 0.0), (1.0, 2.0)], "right", "0 % apart"),
        ([0.3, 1.3, 2.3], "wrong", "15 % apart"),
        ([0.2, 1.2, 2.2], "right", "10 %"),
        ([(0.0, 0.0), (0.5, 2.0), (1.0, 2.0)], "wrong", "most at 0.5: you drew 1, it was 2"),
    ],
)
def test_a_curve_is_held_to_the_runs(truth: Any, mood: str, words: str) -> None:
    guess = predict({}, answer="sketch", points=3, tolerance=0.1, **AXES)
    answer(guess.view, [0.0, 1.0, 2.0])
    note = guess.check(truth)
    assert note.mood == mood
    assert words in note.text
    assert len(guess.view.truth) == len(truth)


def test_a_curve_of_another_length_is_refused() -> None:
    guess = predict({}, answer="sketch", points=3, tolerance=0.1, **AXES)
    answer(guess.view, [0.0, 1.0, 2.0])
    with pytest.raises(ValueError, match="3 values or be pairs"):
        guess.check([0.0, 1.0])


# --- runs side by side


def test_two_fair_runs_give_a_difference() -> None:
    one = fake_lab(numbers={"target_accuracy": 0.9})
    other = fake_lab(title="Source only", weighted=False)
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


@pytest.mark.parametrize("changes", [{"depth": 3}, {"lr": 0.1}, {"settings": {"width": 2.0}}])
def test_one_other_thing_may_differ_where_the_method_is_the_same_and_gets_a_column(
    changes: dict[str, Any],
) -> None:
    both = lessons.side_by_side(
        {"one": fake_lab(numbers={"target_accuracy": 0.7}), "other": fake_lab(**changes)}
    )
    assert both.objections == ()
    assert both.difference("target_accuracy") == pytest.approx(0.2)
    assert both.best("target_accuracy") == "one"
    assert both.differing[0] in repr(both).splitlines()[0]


@pytest.mark.parametrize(
    "changes", [{"depth": 3, "lr": 0.1}, {"depth": 3, "weight": 2.0}, {"depth": 3, "title": "MMD"}]
)
def test_two_things_that_differ_are_no_comparison(changes: dict[str, Any]) -> None:
    both = lessons.side_by_side({"one": fake_lab(), "other": fake_lab(**changes)})
    assert "freeze depth differs too" in " ".join(both.objections)
    assert both.best("target_accuracy") is None


def test_another_methods_own_settings_are_its_affair() -> None:
    both = lessons.side_by_side(
        {"one": fake_lab(), "other": fake_lab(title="MMD", settings={"width": 2.0})}
    )
    assert both.objections == ()


def test_a_curve_is_read_from_the_looks_of_a_run_that_is_done() -> None:
    lab = fake_lab()
    looks = [
        Snapshot(step, [[0.0]], [0], [0], [False], {"target_accuracy": step / 10})
        for step in (0, 5, 10)
    ]
    lab.recording.facts = [*looks, Finished(10)]
    assert lessons.curve(lab, "target_accuracy") == [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)]
    lab.recording.changes = (Changed(2, "lr", 1.0, 2.0),)
    assert lessons.curve(lab, "target_accuracy") is None
    assert lessons.curve(fake_lab(step=4), "target_accuracy") is None


def test_what_is_to_be_found_out_is_not_in_the_table() -> None:
    labs = {"one": fake_lab(weight=10.0, secret={"weight"}), "other": fake_lab()}
    shown = repr(lessons.side_by_side(labs))
    assert "| ? |" in shown
    assert "10" not in shown.splitlines()[1].split("|")[2]
    assert "| 10 |" in repr(lessons.side_by_side({**labs, "one": fake_lab(weight=10.0)}))


def test_lambda_may_differ() -> None:
    both = lessons.side_by_side({"one": fake_lab(), "other": fake_lab(weight=10.0)})
    assert both.objections == ()


def test_effective_values_are_read_from_the_recording() -> None:
    lab = fake_lab()
    lab.recording.stepped = [
        SimpleNamespace(step=step + 1, effective={"weight": step / 10}) for step in range(6)
    ]
    assert lessons.effective(lab, "weight", progress=0.1) == 0.1
    assert lessons.effective(lab, "weight", progress=0.5) == 0.5
    assert lessons.effective(lab, "weight", progress=0.6) is None
    lab.recording.changes = (Changed(2, "lr", 1.0, 2.0),)
    assert lessons.effective(lab, "weight", progress=0.1) == 0.1
    lab.recording.changes = (Changed(2, "weight", 1.0, 2.0),)
    assert lessons.effective(lab, "weight", progress=0.1) is None


def test_effective_values_are_found_by_their_step_where_a_long_recording_was_thinned() -> None:
    lab = fake_lab(steps=40_000)
    kept = (1, *range(4, 40_001, 4))
    lab.recording.stepped = [
        SimpleNamespace(step=step, effective={"weight": step / 40_000}) for step in kept
    ]
    assert lessons.effective(lab, "weight", progress=0.15) == 6_004 / 40_000
    assert lessons.effective(lab, "weight", progress=1.0) is None


def test_one_run_is_no_comparison() -> None:
    with pytest.raises(ValueError, match="two labs or more, got 1"):
        lessons.side_by_side({"alone": fake_lab()})


@pytest.mark.parametrize(("value", "plays"), [("1", 1), ("", 0), ("0", 0)])
def test_only_a_test_run_plays_by_itself(
    value: str, plays: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(runs.TEST_RUN, value)
    called: list[str] = []
    lab = fake_lab(step=3)
    lab.play, lab.wait = lambda: called.append("play"), lambda: called.append("wait")
    lessons.autoplay(lab)
    assert called == ["play", "wait"] * plays
    done = fake_lab()
    lessons.autoplay(done)  # has no play: nothing may be asked of it
