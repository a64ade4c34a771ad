"""A formula: the lines that compute a loss with the functions they call, and where the board shows the same."""

from __future__ import annotations

import ast
from typing import Any, ClassVar

import pytest
from cases import for_each

import tltutor as tl
from tltutor.language import VARIABLE
from tltutor.objectives import OBJECTIVES
from tltutor.objectives.objective import Batch, Objective, task_loss
from tltutor.settings import Setting


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


def test_danns_formula_has_the_reversal_and_the_discriminators_loss() -> None:
    shown = str(tl.show_formula(tl.objectives.DANN))
    assert "return (-ctx.weight * gradient, None)" in lines_of(shown)
    assert "return _Reverse.apply(x, weight)" in lines_of(shown)
    assert "def domain_loss(logit, n_s, w=None):" in lines_of(shown)
    assert "binary_cross_entropy_with_logits" in shown
    assert "def task_loss(batch):" in lines_of(shown)


@pytest.mark.parametrize("name", sorted(OBJECTIVES))
def test_every_objectives_formula_is_python_without_types_settings_and_checks(name: str) -> None:
    shown = str(tl.show_formula(OBJECTIVES[name]))
    tree = ast.parse(shown)
    assert "forward" in [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    for node in ast.walk(tree):
        assert not (isinstance(node, ast.arg) and node.annotation), ast.unparse(node)
        assert not isinstance(node, ast.AnnAssign), ast.unparse(node)
        assert not (
            isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("check_", "Setting"))
        )


def test_a_comment_names_the_curve_and_the_slider_of_the_board() -> None:
    shown = lines_of(str(tl.show_formula(tl.objectives.MMD, fold=("squared_distances",))))
    place = next(i for i, line in enumerate(shown) if line.startswith('"mmd":'))
    assert shown[place - 1] == "# curve “mmd”, slider “λ weight”", "it is too long to stand beside"
    (sigma,) = [line for line in shown if "self.width" in line]
    assert sigma.endswith("# slider “σ width”")


def test_comments_speak_the_language_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "zh")
    assert "# 曲线“域”" in str(tl.show_formula(tl.objectives.DANN))


def test_a_folded_function_shows_its_first_lines_and_hides_what_it_calls() -> None:
    whole, folded = (
        str(tl.show_formula(tl.objectives.MMD, fold=fold)) for fold in ((), ("squared_distances",))
    )
    assert "torch.addmm" in whole
    assert "torch.addmm" not in folded
    assert "def squared_distances(x):" in folded
    assert "def median_distance(d2):" in folded
    assert len(folded) < len(whole)


HALF = Setting("half", 0.5, 0.0, 1.0, text="A half.")


def scaled(x: Any, by: float) -> Any:
    """Return x times `by`.

    More that is not shown.
    """
    if by < 0:
        raise ValueError("never")
    return x * by


class Mine(Objective):
    """loss = task, halved."""

    name, title, terms = "mine", "Mine", ("task",)
    settings: ClassVar[tuple[Setting, ...]] = (HALF,)
    half: float

    def doubled(self, batch: Batch) -> Any:
        return 2 * task_loss(batch)

    def forward(self, batch: Batch) -> dict[str, Any]:
        doubled: Any = self.doubled(batch)
        return {"task": scaled(doubled, self.half)}


def test_a_learners_own_class_shows_its_own_methods_and_functions_and_the_packages() -> None:
    shown = str(tl.show_formula(Mine))
    assert shown.startswith("# loss = task, halved.")
    assert "More that is not shown" not in shown
    assert "never" not in shown
    assert [line for line in lines_of(shown) if line.startswith("def ")] == [
        "def forward(self, batch):",
        "def doubled(self, batch):",
        "def scaled(x, by):",
        "def task_loss(batch):",
    ]
    assert '"task": scaled(doubled, self.half),  # curve “task”, slider “half”' in lines_of(shown)


def test_a_function_and_an_instance_have_a_formula_and_other_things_say_what_to_use() -> None:
    assert "gaussian_kernel" in str(tl.show_formula(tl.objectives.mmd.mmd2))
    assert str(tl.show_formula(tl.objectives.DANN())) == str(tl.show_formula(tl.objectives.DANN))

    def refused(thing: Any) -> None:
        with pytest.raises(TypeError, match="use tl.show_source"):
            tl.show_formula(thing)

    for_each([3, tl.DomainPair, Setting], refused)


def test_another_method_is_shown_too() -> None:
    shown = lines_of(str(tl.show_formula(tl.objectives.DANN, also=("schedule",))))
    assert "return schedule(progress, self.gamma)  # slider “γ gamma”" in shown
    assert "return 2 / (1 + math.exp(-gamma * progress)) - 1" in shown
    with pytest.raises(AttributeError, match="shedule"):
        tl.show_formula(tl.objectives.DANN, also=("shedule",))


def test_danns_formula_is_short() -> None:
    """What matters: no more than twenty lines of code beside the sentences."""
    shown = str(tl.show_formula(tl.objectives.DANN))
    assert max(map(len, shown.splitlines())) <= 92, "a page shows it without scrolling"
    tree = ast.parse(shown)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
            del node.body[0]
    assert len([line for line in ast.unparse(tree).splitlines() if line.strip()]) <= 20
