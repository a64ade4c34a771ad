"""Show what computes a loss: its lines with the functions they call, and where the board shows the same; no types, no settings."""

from __future__ import annotations

import ast
import inspect
import io
import sys
import textwrap
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tltutor.language import spoken, tr
from tltutor.source import Source

WIDTH = 92  # columns; a comment that does not fit beside its line stands above it
CHECKS = ("check_", "_check")  # names that begin so belong to what only refuses bad input


def show_formula(thing: Any, *, fold: Iterable[str] = (), also: Iterable[str] = ()) -> Source:
    """Return the lines of a class's `forward`, or of a function, and of the functions that they call.

    Types, settings and checks of the input are left out, and of each docstring all but the first line. A comment names the
    curve of the board that shows a loss term, or the slider that moves a number. fold: functions of which only the first lines
    are shown. also: other methods to show, such as "schedule". Errors: TypeError for anything but a function or something with `forward`.
    """
    if not (inspect.isclass(thing) or inspect.isfunction(thing)):
        thing = type(thing)
    begin = getattr(thing, "forward", None) if inspect.isclass(thing) else thing
    if not inspect.isfunction(begin):
        raise TypeError(
            f"a formula is a function or a class with forward, got {thing.__name__}: use tl.show_source"
        )
    places, folded = _places(thing), frozenset(fold)
    begins = [begin, *(getattr(thing, name) for name in also)]
    told = [_told(piece, places, folded) for piece in _pieces(begins, thing, folded)]
    about = (inspect.getdoc(thing) or "").splitlines()[:1] if inspect.isclass(thing) else []
    head = [f"# {part}" for line in about for part in textwrap.wrap(line, WIDTH - 2)]
    return Source("\n\n".join(["\n".join(head), *told]).strip(), thing.__module__)


def _places(thing: Any) -> dict[str, str]:
    """Return where the board shows what a piece of code stands for: a loss term, lambda, a setting."""
    terms = getattr(thing, "terms", ())
    places = {f'"{name}":': tr("curve “{name}”", name=spoken(name)) for name in terms}
    declared = thing.declared() if hasattr(thing, "declared") else ()
    for setting in (s for s in declared if s.scale not in ("choice", "switch")):
        code = "batch.weight" if setting.name == "weight" else f"self.{setting.name}"
        title = f"{setting.symbol} {spoken(setting.name)}".strip()
        places[code] = tr("slider “{name}”", name=title)
    return places


# --- which functions


def _pieces(begins: list[Any], owner: Any, folded: frozenset[str]) -> Iterator[Any]:
    """Yield the functions, then all that they call; what only a folded one calls is left out."""
    own = {begins[0].__module__.partition(".")[0], __name__.partition(".")[0]}
    queue, seen = list(begins), set(begins)
    while queue:
        piece = queue.pop(0)
        yield piece
        for found in () if piece.__name__ in folded else _called(piece, owner):
            if found not in seen and found.__module__.partition(".")[0] in own:
                seen.add(found)
                queue.append(found)


def _called(piece: Any, owner: Any) -> Iterator[Any]:
    """Yield the functions, and the classes with a backward pass of their own, that the piece's lines call."""
    for node in ast.walk(_plain(piece)):
        found = _resolved(node.func, piece, owner) if isinstance(node, ast.Call) else None
        if inspect.isfunction(found) or (inspect.isclass(found) and _has_backward(found)):
            yield found


def _has_backward(cls: type) -> bool:
    """Return True for a torch.autograd.Function with its own backward pass."""
    return hasattr(cls, "apply") and "backward" in vars(cls)


def _resolved(node: ast.expr, piece: Any, owner: Any) -> Any:
    """Return what a name in the code stands for: a global, a method of `self`, a class whose method is called; else None."""
    names = vars(sys.modules[piece.__module__])
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)):
        return None
    if node.value.id == "self":
        return inspect.getattr_static(owner, node.attr, None)
    base = names.get(node.value.id)
    return getattr(base, node.attr, None) if inspect.ismodule(base) else base


# --- how they are written


def _told(piece: Any, places: Mapping[str, str], folded: frozenset[str]) -> str:
    """Return the code of a piece, with a comment where the board shows the same."""
    tree = _plain(piece)
    if piece.__name__ in folded:
        tree.body = [*tree.body[: int(_is_text(tree.body[0]))], ast.Expr(ast.Constant(...))]
    terms = _Terms()
    code = ast.unparse(terms.visit(tree))
    for name, lines in terms.found.items():
        code = code.replace(name, lines)
    code = code.replace(":\n\n", ":\n")
    return "\n".join(_commented(line, places) for line in _double_quoted(code).splitlines())


def _commented(line: str, places: Mapping[str, str]) -> str:
    found = ", ".join(dict.fromkeys(said for code, said in places.items() if code in line))
    if not found:
        return line
    beside = f"{line}  # {found}"
    above = f"{line[: len(line) - len(line.lstrip())]}# {found}"
    return beside if len(beside) <= WIDTH else f"{above}\n{line}"


def _plain(piece: Any) -> Any:
    """Return the syntax tree of a function or a class, without types, checks, decorators, and all but a docstring's first line."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(piece))).body[0]
    return ast.fix_missing_locations(_Plain().visit(tree))


class _Plain(ast.NodeTransformer):
    """Leaves out what no number depends on."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        node.decorator_list, node.returns = [], None
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
        return self._with_body(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        node.decorator_list = []
        return self._with_body(node)

    def _with_body(self, node: Any) -> Any:
        if _is_text(node.body[0]):
            text = inspect.cleandoc(node.body[0].value.value)
            first = text.splitlines()[0].partition(" Raises ")[0]
            indent = " " * (node.col_offset + 4)
            lines = textwrap.wrap(first, WIDTH - len(indent) - 6)
            node.body[0] = ast.Expr(ast.Constant(f"\n{indent}".join(lines)))
        self.generic_visit(node)
        node.body = _returned_at_once(node.body)
        node.body = node.body or [ast.Pass()]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        return None if node.value is None else ast.Assign([node.target], node.value, lineno=0)

    def visit_Expr(self, node: ast.Expr) -> Any:
        call = node.value
        is_check = isinstance(call, ast.Call) and _last_name(call.func).startswith(CHECKS)
        return None if is_check else node

    def visit_If(self, node: ast.If) -> Any:
        """Leave out a condition under which there is an error, or nothing any more."""
        self.generic_visit(node)
        node.body = [kept for kept in node.body if not isinstance(kept, ast.Raise)]
        return node if node.body else node.orelse or None


class _Terms(ast.NodeTransformer):
    """Gives each entry of a dictionary that is returned its own line; `found` has these lines by the name that stands for them."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def visit_Return(self, node: ast.Return) -> Any:
        if not isinstance(node.value, ast.Dict) or None in node.value.keys:
            return node
        pairs = zip(node.value.keys, node.value.values, strict=True)
        lines = [f"    {ast.unparse(key)}: {ast.unparse(value)}," for key, value in pairs if key]
        name, before = f"__terms_{len(self.found)}__", " " * (node.col_offset)
        self.found[name] = f"\n{before}".join(["{", *lines, "}"])
        return ast.Return(ast.Name(name))


def _is_text(node: ast.stmt) -> bool:
    """Return True for a docstring."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _returned_at_once(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the lines without a last name that only carried a type."""
    *others, named, last = [ast.Pass(), ast.Pass(), *body]
    if not (isinstance(named, ast.Assign) and isinstance(last, ast.Return) and last.value):
        return body
    if ast.unparse(named.targets[0]) != ast.unparse(last.value):
        return body
    return [*others[2:], ast.Return(named.value)]


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _double_quoted(code: str) -> str:
    """Return the code with the package's own quotation marks."""
    tokens = []
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        text = token.string
        if token.type == tokenize.STRING and text[0] == "'" and '"' not in text:
            text = f'"{text[1:-1]}"'
        tokens.append((token.type, text, token.start, token.end, token.line))
    return str(tokenize.untokenize(tokens))
