"""What a lesson's boards are, read from its folder, and trained as `tl.Lab` would train them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from tltutor.events import Stepped
from tltutor.experiment import Experiment
from tltutor.lessons.faults import find_fault
from tltutor.lessons.wording import script
from tltutor.projections import Projection
from tltutor.training.session import Session

SHOWN = ("hide", "simple", "diagnose")  # what is to be seen of a board
OF_THE_BOARD = (
    "name",
    "presenter",
    "budget",
    "speed",
    "threads",
)  # change nothing in a run
OF_THE_RUN = (
    "pair",
    "objective",
    "network",
    "projection",
    "pair_options",
    "network_options",
    "values",
    "map_values",
    "pretrain",
)


def assigned(lesson: str) -> Iterator[ast.Assign]:
    """Every `name = …` of a lesson's code, in order."""
    trees = [ast.parse(cell.code) for cell in script(lesson).cells if cell.code]
    return (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Assign))


def literal(node: ast.expr, known: dict[str, Any]) -> Any:
    """A literal that may use names that were assigned to literals; where it holds anything else, its code."""
    filled = ast.Expression(_Filled(known).visit(ast.parse(ast.unparse(node), mode="eval").body))
    try:
        return ast.literal_eval(ast.fix_missing_locations(filled))
    except ValueError:
        return ast.unparse(node)


class _Filled(ast.NodeTransformer):
    def __init__(self, known: dict[str, Any]) -> None:
        self.known = known

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return (
            ast.parse(repr(self.known[node.id]), mode="eval").body
            if node.id in self.known
            else node
        )


def read_boards(lesson: str) -> dict[str, dict[str, Any]]:
    """The arguments of each board in lesson.toml, `name = tl.Lab(…)` and `name = lesson.broken_lab("fault", …)` (under "fault").

    Without those that only decide what is to be seen.
    """
    known: dict[str, Any] = {}
    boards: dict[str, dict[str, Any]] = {
        name: {**board.lab, **({"fault": board.fault} if board.fault else {})}
        for name, board in script(lesson).boards.items()
    }
    for node in assigned(lesson):
        call, name = node.value, ast.unparse(node.targets[0])
        if not isinstance(call, ast.Call):
            value = literal(call, known)
            known |= (
                {}
                if isinstance(value, str) and not isinstance(call, ast.Constant)
                else {name: value}
            )
        elif ast.unparse(call.func) in ("tl.Lab", "lesson.broken_lab"):
            options = {"fault": literal(call.args[0], known)} if call.args else {}
            for keyword in call.keywords:
                value = literal(keyword.value, known)
                options |= {keyword.arg: value} if keyword.arg else value
            boards[name] = options
    return {
        name: {n: v for n, v in board.items() if n not in SHOWN} for name, board in boards.items()
    }


def experiment(board: dict[str, Any], seed: int, **other: Any) -> Experiment:
    """The board's experiment with this seed; other: arguments in place of its own, and for a fault `mistake`."""
    options = {n: v for n, v in (board | other).items() if n not in OF_THE_BOARD}
    fault, mistake = options.pop("fault", None), options.pop("mistake", True)
    if fault is not None:
        found = find_fault(fault)
        options["projection" if issubclass(found, Projection) else "objective"] = found(
            mistake=mistake
        )
    run = {"network": "auto", "projection": "pca"} | {
        n: options.pop(n) for n in OF_THE_RUN if n in options
    }
    options.pop("seed", None)
    return Experiment(seed=seed, session_options=options, **run)


@cache
def _trained(key: str, seed: int) -> tuple[dict[str, float], dict[str, float], Session]:
    board, other = ast.literal_eval(key)
    return train(experiment(board, seed, **other))


def trained(
    board: dict[str, Any], seed: int, **other: Any
) -> tuple[dict[str, float], dict[str, float], Session]:
    """A finished run: numbers of the last look, means of the last 50 losses by name, and its session. Trained once, kept."""
    return _trained(repr((board, other)), seed)


def train(run: Experiment) -> tuple[dict[str, float], dict[str, float], Session]:
    """As `trained`, of an experiment of any pair; nothing is kept."""
    session = run.build()
    losses = [dict(fact.losses) for fact in session if isinstance(fact, Stepped)][-50:]
    return (
        dict(session.snapshot().numbers),
        {n: float(np.mean([loss[n] for loss in losses])) for n in losses[-1]},
        session,
    )
