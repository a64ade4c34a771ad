"""The live settings of a board as traits, for a notebook's own widgets: observe them, set them, link them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from traitlets import HasTraits, TraitType

if TYPE_CHECKING:
    from tltutor.settings import Setting


class _Live(TraitType[Any, Any]):
    """A trait whose values the setting's declaration checks."""

    def __init__(self, setting: Setting, value: Any) -> None:
        self.setting = setting
        super().__init__(default_value=value)

    def validate(self, obj: Any, value: Any) -> Any:
        """Return the checked value. Errors: those of `Setting.check`; the trait then keeps its value."""
        return self.setting.check(value)


class LiveSettings(HasTraits):
    """A trait for each live setting of the run: `lab.settings.weight`.

    Setting one acts as the slider does, from the next step on; a slider that is moved sets it. So a widget of a notebook
    can be linked: `ipywidgets.link((lab.settings, "weight"), (my_slider, "value"))`. Observers stay when a new run begins;
    a setting that the new run does not have keeps its last value and does nothing.
    """

    def __init__(self, apply: Callable[[dict[str, Any]], object]) -> None:
        super().__init__()
        self._apply = apply
        self._quiet = threading.local()
        self._names: frozenset[str] = frozenset()

    def begin(self, settings: Iterable[Setting], values: Mapping[str, Any]) -> None:
        """A run with these settings begins."""
        settings = tuple(settings)
        known = {n: trait for n, trait in self.traits().items() if isinstance(trait, _Live)}
        new = {s.name: _Live(s, values[s.name]) for s in settings if s.name not in known}
        for setting in settings:
            if setting.name in known:
                known[setting.name].setting = setting  # its bounds may be others than before
        if new:
            self.add_traits(**new)
            self.observe(self._changed, list(new))
        self._names = frozenset(s.name for s in settings)
        self.show(values)

    def show(self, values: Mapping[str, Any]) -> None:
        """Set traits to what acts already; observers hear it, the run does not."""
        with self._silent():
            for name, value in values.items():
                if name in self._names:
                    self.set_trait(name, value)

    @contextmanager
    def _silent(self) -> Iterator[None]:
        self._quiet.now = True
        try:
            yield
        finally:
            self._quiet.now = False

    def _changed(self, change: Any) -> None:
        if change["name"] in self._names and not getattr(self._quiet, "now", False):
            self._apply({change["name"]: change["new"]})
