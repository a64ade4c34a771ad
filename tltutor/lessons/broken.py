"""A board that runs with a mistake: the learner diagnoses it, sees broken and right code, and switches between them."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tltutor.language import tr
from tltutor.lessons.cards import Card
from tltutor.lessons.faults import find_fault
from tltutor.lessons.mistake import MISTAKE
from tltutor.lessons.runs import autoplay
from tltutor.views.codes import CodesView

if TYPE_CHECKING:
    from tltutor.lab import Lab

ASIDE = re.compile(r"  # (type: ignore|noqa).*")  # comments for type checkers and linters


class BrokenLab:
    """A board with a mistake, to put in a cell's last line; `reveal` shows the code and a switch for the running board.

    The mistake is a live setting of an objective (or a map): it is recorded and appears on the timeline like any change.
    made_with: arguments of the objective itself, such as a teacher.
    """

    def __init__(
        self,
        fault: str,
        *,
        hide: Iterable[str] = (),
        made_with: Mapping[str, Any] | None = None,
        **lab: Any,
    ) -> None:
        from tltutor.lab import Lab
        from tltutor.projections import Projection

        self.fault = find_fault(fault)
        self._is_map = issubclass(self.fault, Projection)
        own = (
            {"projection": self.fault}
            if self._is_map
            else {"objective": self.fault(**(made_with or {}))}
        )
        self.lab: Lab = Lab(**{**lab, **own}, hide=(*hide, MISTAKE.name))

    @property
    def mistake(self) -> bool:
        """True if the mistake is active, now or from the next step on."""
        experiment = self.lab.experiment
        values = experiment.map_values if self._is_map else experiment.values
        return bool(values.get(MISTAKE.name, MISTAKE.default))

    def switch(self, mistake: bool) -> None:
        """Switch the mistake on or off in the current run."""
        if self._is_map:
            self.lab.set_map(mistake=mistake)
        else:
            self.lab.set(mistake=mistake)

    def reveal(self) -> Reveal:
        """Show broken and right code side by side, with the switch."""
        autoplay(self.lab)
        return Reveal(self)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.lab._repr_mimebundle_(**options)


class Reveal(Card):
    """The card that `reveal` shows: both codes and the switch."""

    def __init__(self, broken: BrokenLab) -> None:
        self._broken = broken
        codes = (shown_code(broken.fault.broken), shown_code(broken.fault.right))
        self.view = CodesView(codes, mistake=broken.mistake, on_switch=broken.switch)
        super().__init__(f"reveal/{broken.lab.name}", {"codes": self.view})
        self.retranslate()

    def retranslate(self) -> None:
        self.view.tell(
            (tr("With the mistake"), tr("Fixed")),
            tr("What runs on the board, from the next step on:"),
        )


def shown_code(method: Any) -> str:
    """Return the method's source without comments for type checkers and linters."""
    lines = textwrap.dedent(inspect.getsource(method)).splitlines()
    return "\n".join(ASIDE.sub("", line) for line in lines)
