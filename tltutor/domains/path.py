"""A path of domains: from a labeled source by small steps, none of them labeled, to the target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tltutor.domains.domain import Domain, check_same_form
from tltutor.domains.pair import DomainPair


@dataclass(frozen=True, eq=False)
class DomainPath:
    """A labeled source and the domains that lie on the way to the target, in their order; the last of them is the target.

    Each should be near the one before (Kumar et al., 2020). Labels of the steps are never trained on; where they are known,
    as in embedded pairs, they only judge. target_test, source_test: held-out parts of the target and the source.
    Errors: TypeError for what is no Domain; ValueError for no step, another shape, kind or columns, and other class names.
    """

    source: Domain
    steps: Sequence[Domain]
    target_test: Domain | None = None
    source_test: Domain | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple(self.steps))
        for domain in self.steps:
            if not isinstance(domain, Domain):
                raise TypeError(
                    f"a step of a path must be a Domain, got a {type(domain).__name__}: write Domain('name', x)"
                )
            check_same_form(self.source, domain, "all domains of a path")
        if not self.steps:
            raise ValueError(
                "a path must have at least one domain after the source, got none: give the target"
            )

    def __len__(self) -> int:
        """Count the domains after the source."""
        return len(self.steps)

    def pair(self, name: str = "") -> DomainPair:
        """Return the pair whose target is all of the path; `target.domain_id` numbers its domains from 0, the last is the end.

        name: of the target; by default that of the last domain. Errors: those of `DomainPair`.
        """
        target = self._joined(name or self.steps[-1].name)
        return DomainPair(self.source, target, self.target_test, self.source_test)

    def direct(self) -> DomainPair:
        """Return the pair of the source and the path's end, without what lies between."""
        return DomainPair(self.source, self.steps[-1], self.target_test, self.source_test)

    def _joined(self, name: str) -> Domain:
        """Return the steps as one domain, with labels if all of them have some."""
        known = all(domain.y is not None for domain in self.steps)
        steps = [replace(domain, domain_id=None) for domain in self.steps]
        if not known:  # any label serves to join them; it is taken away again
            names = self.source.class_names
            steps = [replace(d, y=np.zeros(len(d), int), class_names=names) for d in steps]
        whole = Domain.joined(*steps, name=name)
        return whole if known else whole.without_labels()
