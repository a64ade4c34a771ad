"""A sweep while it runs: its files and processes are opened and closed, and what was found is written also if it is stopped."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from tltutor.evaluation.sweep.journal import Journal
from tltutor.evaluation.sweep.loop import Loop, Progress
from tltutor.evaluation.sweep.plan import Plan
from tltutor.evaluation.sweep.processes import executor_of
from tltutor.evaluation.sweep.result import SweepResult
from tltutor.evaluation.sweep.table import check_out, journal_beside, write


class Running:
    """`with Running(plan, out) as running:` iterate over it to do the work; `result()` is what is known so far.

    out: a .json file for the result, with the journal of the trials beside it; None keeps neither. Other arguments and
    errors: those of `sweep`.
    """

    def __init__(
        self,
        plan: Plan,
        out: str | Path | None = None,
        *,
        jobs: int | None = None,
        backend: str = "loky",
        scheduler: str | None = None,
    ) -> None:
        self.plan, self.out = plan, None if out is None else Path(out).expanduser()
        self._where = (jobs, backend, scheduler)
        if self.out is not None:
            check_out(plan, self.out)
        self._open = ExitStack()
        self._kept: SweepResult | None = None

    @property
    def ended(self) -> bool:
        """Whether the block was left: what was found is final."""
        return self._kept is not None

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            if self.out is None:
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tltutor-")))
                path = folder / "sweep.journal"
            else:
                path = journal_beside(self.out)
            self._journal = Journal(self.plan, path)
            stack.callback(self._journal.close)
            stack.callback(self._keep)
            executor, jobs = stack.enter_context(executor_of(*self._where))
            self._loop = Loop(self.plan, self._journal, executor, jobs)
            self._open = stack.pop_all()
        return self

    def __iter__(self) -> Iterator[Progress]:
        return iter(self._loop)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._open.__exit__(kind, error, at)

    def result(self) -> SweepResult:
        """Return the trials as they are now; after the block, as they were at its end."""
        return self._kept or SweepResult(self.plan, self._journal.trials())

    def _keep(self) -> None:
        """Take the result, and write it if a run has ended."""
        self._kept = self.result()
        if self.out is not None and any(trial.runs for trial in self._kept.trials):
            write(self._kept, self.out)
