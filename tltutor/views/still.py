"""What a widget leaves in a saved notebook, on GitHub or in print, where no kernel answers."""

from __future__ import annotations

from typing import Any

from tltutor.views.markup import Markup, tag

STILL = "tltutor-still"  # in the metadata of its output
PATIENCE = 3  # seconds in which a page that opens may draw the widget instead
# A page hides the still as long as it draws the widget; where it cannot, it hides JupyterLab's "model not found" beside the still.
STYLE = """body:has([data-tlt-live="KEY"]) :is(.tlt-still-KEY, .jp-OutputArea-child:has(.tlt-still-KEY)) { display: none !important; }
.jp-OutputArea-child:has(.tlt-still-KEY) + .jp-OutputArea-child .jupyter-widgets:not(:has(*)) { display: none; }
.tlt-still-KEY { display: block !important; max-width: 60em; }
.tlt-still-KEY img { display: block; max-width: min(100%, 40em); }
@keyframes tlt-still { from { visibility: hidden; } }
@media screen { .tlt-still-KEY { animation: tlt-still SECONDSs step-end; } }"""


def with_still(widget: Any, text: str, *, html: str = "", image: str | None = None) -> Any:
    """A widget's mimebundle (or a bundle with its metadata) in which these stand for it where it cannot live.

    image: a PNG in base64.
    """
    bundle, *metadata = widget if isinstance(widget, tuple) else (widget,)
    still = {"text/plain": text, "text/html": html, "image/png": image}
    bundle = {**bundle, **{kind: value for kind, value in still.items() if value}}
    return (bundle, *metadata) if metadata else bundle


class Still:
    """An output of its own, before a widget's: it is seen wherever the page does not draw the widget.

    JupyterLab shows nothing else of the bundle of a widget that it trusts, also where the widget's kernel has gone.
    key: the widget's, as its page marks the place where it is drawn. alone: the widget's bundle has no other HTML, which a
    notebook that is not trusted shows.
    """

    def __init__(self, key: str, *, alone: bool = True) -> None:
        self._key, self._alone = key, alone
        self.is_shown = False

    def show(self, *inside: str) -> bool:
        """Put it into the cell that runs; whether there is one, in a notebook."""
        self.is_shown = in_notebook()
        if self.is_shown:
            self._publish(inside, update=False)
        return self.is_shown

    def update(self, *inside: str) -> None:
        """Put this in its place, from any thread."""
        if self.is_shown:
            self._publish(inside, update=True)

    def html(self, *inside: str) -> Markup:
        """These elements, and the style that hides them beside the living widget."""
        style = STYLE.replace("KEY", self._key).replace("SECONDS", str(PATIENCE))
        own = (
            "" if self._alone else "display: none"
        )  # until the style sheet, if it is trusted, says otherwise
        name = f"tlt-still-{self._key}"
        return tag("div", *inside, tag("style", Markup(style)), class_=name, style=own)

    def _publish(self, inside: tuple[str, ...], *, update: bool) -> None:
        from IPython.display import publish_display_data

        publish_display_data(  # type: ignore[no-untyped-call]
            {"text/html": self.html(*inside), "text/plain": ""},
            {STILL: True},
            transient={"display_id": f"tlt-still-{self._key}"},
            update=update,
        )


def in_notebook() -> bool:
    """Whether a Jupyter kernel runs this program."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return getattr(get_ipython(), "kernel", None) is not None
