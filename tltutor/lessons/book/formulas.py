"""Draw the formulas of a text, TeX between dollar signs, as pictures: a page of the book runs no script."""

from __future__ import annotations

import base64
import io
import re
from functools import cache
from html import escape

CODE = r"```.*?```|`[^`\n]*`"
FORMULA = re.compile(
    rf"{CODE}|\$\$(?P<block>.+?)\$\$|\$(?P<line>[^$\s](?:[^$\n]*[^$\s])?)\$", re.DOTALL
)
SIZE = 12  # points of a letter; the page scales it
SCALE = 1.15  # to the text around, whose letters are wider
OTHER = (  # what TeX writes, and matplotlib another way
    (re.compile(r"\\tfrac(\d)(\d)"), r"\\frac{\1}{\2}"),
    (re.compile(r"\\tfrac\b"), r"\\frac"),
    (re.compile(r"\\mathcal\s+(\w)"), r"\\mathcal{\1}"),
    (re.compile(r"\\(hat|bar|tilde)\s*(\\\w+|\w)"), r"\\\1{\2}"),
    (re.compile(r"\\[bB]ig+[lr]?(?![a-zA-Z])"), ""),
    (re.compile(r"\\(le|ge|ne)(?![a-zA-Z])"), r"\\\1q"),
    (re.compile(r"\^\*"), r"^{*}"),
)


def with_pictures(text: str) -> str:
    """Return the Markdown with a picture in place of each formula; code stays. Errors: ValueError for TeX that cannot be drawn."""
    return FORMULA.sub(_picture, text)


def _picture(match: re.Match[str]) -> str:
    tex = match["block"] or match["line"]
    if not tex:
        return match[0]
    image = drawn(" ".join(tex.split()))
    return f'\n\n<p class="tlt-formula">{image}</p>\n\n' if match["block"] else image


@cache
def drawn(tex: str) -> str:
    """Return an image of this formula in HTML, as high as its letters need beside text; its words are the TeX."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties
    from matplotlib.mathtext import MathTextParser

    text = tex
    for wrong, right in OTHER:
        text = wrong.sub(right, text)
    letters = FontProperties(size=SIZE, math_fontfamily="cm")
    try:
        width, height, depth, *_ = MathTextParser("path").parse(f"${text}$", 72, letters)
    except ValueError as error:
        raise ValueError(
            f"a formula must be TeX that matplotlib draws, got {tex!r}: write it in simpler TeX ({error})"
        ) from error
    figure = Figure(figsize=(width / 72, height / 72))
    figure.text(0, depth / height, f"${text}$", fontproperties=letters)
    file = io.BytesIO()
    with rc_context({"svg.hashsalt": tex}):  # the same picture gets the same ids
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    source = base64.b64encode(file.getvalue()).decode()
    share = SCALE / SIZE
    style = f"height: {height * share:.3f}em; vertical-align: {-depth * share:.3f}em"
    return f'<img alt="{escape(tex)}" style="{style}" src="data:image/svg+xml;base64,{source}">'
