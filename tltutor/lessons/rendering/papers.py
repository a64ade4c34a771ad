"""Render what is read on paper: a lesson's answer key, the table of its figures, and the list of all lessons."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

from tltutor.lessons.broken import shown_code
from tltutor.lessons.claims import ANY, between, read_claims
from tltutor.lessons.faults import find_fault
from tltutor.lessons.measured import CHOSEN, Measured, short
from tltutor.lessons.wording import Option, Question, Script

KEY: dict[str, dict[str, Any]] = {
    "en": {
        "key": "Answer key",
        "predict": "Predictions (the learner's own run decides)",
        "explain": "Questions",
        "exercises": "Exercises",
        "faults": "Boards with a mistake",
        "exit": "Exit questions",
        "range": "true from {low} to {high}",
        "number": "a number, right within {tolerance:g}",
        "sketch": "a curve, right within {tolerance:g} of the axis on average",
        "figures": "Measured figures",
        "measured": "Measured with {measured_with}; a text means seeds {seeds} unless it names others.",
        "head": ("figure", "mean ± spread", "seed {seed}"),
        "claims": "Claims that tests hold",
        "claim": ("claim", "each seed", "mean", "least", "mean found", "most"),
    },
    "zh": {
        "key": "答案",
        "predict": "预测（由学习者自己的运行决定）",
        "explain": "问题",
        "exercises": "练习",
        "faults": "有错误的实验",
        "exit": "课后小测",
        "range": "结果在 {low} 到 {high} 之间时成立",
        "number": "一个数，误差在 {tolerance:g} 以内算对",
        "sketch": "一条曲线，平均相差不超过坐标轴的 {tolerance:g} 算对",
        "figures": "测量结果",
        "measured": "测量环境：{measured_with}；没有另外说明时，课文指种子 {seeds}。",
        "head": ("数字", "平均 ± 标准差", "种子 {seed}"),
        "claims": "由测试检验的结论",
        "claim": ("结论", "每个种子", "平均", "最小", "实测平均", "最大"),
    },
}
TABLE = ("#", "lesson", "you move", "you see")
TABLE_BEGINS, TABLE_ENDS = "<!-- lessons -->", "<!-- /lessons -->"


def answer_key(words: Script, language: str) -> str:
    """Return right answers with their reasons, what each wrong one shows, solutions, and the fixes of broken boards."""
    said = KEY[language]
    parts = [f"# {words.title[language]}: {said['key']}"]
    for kind, questions in (
        ("predict", words.predict.values()),
        ("explain", words.explain.values()),
    ):
        parts += _section(said[kind], [_question(q, language) for q in questions])
    parts += _section(
        said["exercises"],
        [
            f"### {name}\n\n```python\n{task.solution}\n```"
            for name, task in words.exercises.items()
        ],
    )
    parts += _section(said["faults"], [_fault(name) for name in dict.fromkeys(_faults(words))])
    parts += _section(said["exit"], [_question(q, language) for q in words.exit])
    return "\n\n".join(parts) + "\n"


def _section(title: str, parts: Sequence[str]) -> list[str]:
    return [f"## {title}", *parts] if parts else []


def _question(question: Question, language: str) -> str:
    said = KEY[language]
    lines = [f"### {question.text[language]}", ""]
    if question.answer != "options":
        return "\n".join([*lines, said[question.answer].format(tolerance=question.tolerance)])
    return "\n".join(
        [*lines, *(_option(question, option, language) for option in question.options)]
    )


def _option(question: Question, option: Option, language: str) -> str:
    text = option.text[language]
    if question.right_id:
        text = f"**✓ {text}**" if question.is_right(option) else text
        return f"- {text} — {option.feedback[language]}"
    if option.low < option.high:
        low, high = (_limit(value) for value in (option.low, option.high))
        text += f" ({KEY[language]['range']})".format(low=low, high=high)
    return f"- {text} — {option.feedback[language]}" if option.feedback else f"- {text}"


def _limit(value: float) -> str:
    return f"{'−' if value < 0 else ''}{'∞' if math.isinf(value) else f'{abs(value):g}'}"


def _faults(words: Script) -> Iterator[str]:
    """Yield the id of each board with a mistake, from code and data."""
    for cell in (cell for cell in words.cells if cell.code):
        for node in ast.walk(ast.parse(cell.code)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "lesson.broken_lab":
                yield str(ast.literal_eval(node.args[0]))
    yield from (board.fault for board in words.boards.values() if board.fault)


def _fault(name: str) -> str:
    fault = find_fault(name)
    broken, right = shown_code(fault.broken), shown_code(fault.right)
    return f"### {name}\n\n✗\n\n```python\n{broken}\n```\n\n✓\n\n```python\n{right}\n```"


def figures_table(words: Script, language: str) -> str:
    """Return the lesson's measured figures, seed by seed, as a table."""
    said = KEY[language]
    measured = Measured(words.folder.path)
    figure, spread, seed = said["head"]
    head = (figure, spread, *(seed.format(seed=s) for s in measured.seeds))
    rows = [
        (name, measured.spread(name), *measured.each(name, *measured.seeds))
        for name in measured.figures
    ]
    about = said["measured"].format(
        measured_with=measured.measured_with, seeds=", ".join(map(str, CHOSEN))
    )
    title = f"# {words.title[language]}: {said['figures']}"
    found = [about, markdown_table(head, rows)] if rows else ["–"]
    return "\n\n".join([title, *found, *_claims(words, measured, said)]) + "\n"


def _claims(words: Script, measured: Measured, said: Mapping[str, Any]) -> list[str]:
    """Return the table of claims: what is claimed, the limits, and what was measured."""
    rows = []
    for claim in read_claims(words.folder.path).claims:
        values = claim.values(measured.figures)
        limits = (("–" if lim == ANY else between(lim)) for lim in (claim.each, claim.mean))
        rows.append(
            (claim.subject, *limits, short(min(values)), short(fmean(values)), short(max(values)))
        )
    return [f"## {said['claims']}", markdown_table(said["claim"], rows)] if rows else []


def lesson_list(scripts: Sequence[Script]) -> str:
    """Return the table of all lessons, with links to their notebooks."""
    rows = [
        (
            words.number,
            f"[{words.title['en'].partition('· ')[2]}]({words.folder.name}.ipynb)",
            words.moves["en"],
            words.sees["en"],
        )
        for words in scripts
    ]
    return markdown_table(TABLE, rows)


def with_list(text: str, scripts: Sequence[Script]) -> str:
    """Return the text with the table of all lessons between its two marks; without marks, unchanged."""
    return between_marks(text, (TABLE_BEGINS, TABLE_ENDS), lesson_list(scripts))


def between_marks(text: str, marks: tuple[str, str], new: str) -> str:
    """Return the text with something new between its two marks; without marks, unchanged."""
    before, begins, rest = text.partition(marks[0])
    _, ends, after = rest.partition(marks[1])
    return f"{before}{begins}\n\n{new}\n\n{ends}{after}" if ends else text


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = ["| " + " | ".join(line) + " |" for line in (head, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(head), *lines[1:]])
