"""The work of a sweep: keep every process busy with the next run, store each result at once, and tell how far it is."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from tltutor.evaluation.sweep.journal import Claim, Journal
from tltutor.evaluation.sweep.plan import REVERSE, Plan
from tltutor.evaluation.sweep.result import setting_text
from tltutor.evaluation.sweep.runs import Measured, Run, measure

STOPPED = "a process of the sweep ended before its run did, perhaps for lack of memory: run the same sweep again, and it goes on"
GONE = "the Dask scheduler went away before a run was done: start it again and run the same sweep, and it goes on"


@dataclass(frozen=True)
class Progress:
    """A run has ended; `print` shows it as one line. choose: the judge.

    done, total: settings. seconds_left: an estimate from the runs so far, by this sweep alone.
    """

    objective: str
    setting: dict[str, Any]
    seed: int
    measured: Measured
    choose: str
    done: int
    total: int
    seconds_left: float

    def __str__(self) -> str:
        score = self.measured.scores.get(self.choose)
        told = f"no {self.choose}" if score is None else f"{self.choose} {score:.3f}"
        if self.measured.collapsed:
            told = "answers one class alone"
        name = f"{self.objective}, {setting_text(self.setting)}, seed {self.seed}"
        far = f"{self.done} of {self.total} settings done, about {self.time_left} left"
        return f"{name}: {self.measured.failed or told} ({far})"

    @property
    def time_left(self) -> str:
        """The estimate in words."""
        seconds = self.seconds_left
        if seconds < 90:
            return f"{seconds:.0f} s"
        return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


@dataclass(eq=False)
class _Open:
    """A claimed setting, the seeds that are still to be run, and how many are being run."""

    claim: Claim
    seeds: deque[int]
    flying: int = 0


@dataclass
class Loop:
    """Works on a journal with an executor that computes `jobs` runs at a time."""

    plan: Plan
    journal: Journal
    executor: Executor
    jobs: int
    _open: list[_Open] = field(default_factory=list)
    _flying: dict[Future[Measured], tuple[_Open, int]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Progress]:
        """Run what is left and yield after each run; settings of which all is known are finished without one."""
        ends: list[float] = []
        while self._submit():
            done, _ = wait(self._flying, return_when=FIRST_COMPLETED)
            for future in done:
                one, seed = self._flying.pop(future)
                measured = _result(future)
                self._store(one, seed, measured)
                ends.append(perf_counter())
                apart = (
                    (ends[-1] - ends[0]) / (len(ends) - 1) if len(ends) > 1 else measured.seconds
                )
                yield self._progress(one, seed, measured, apart)

    def _submit(self) -> bool:
        """Give the executor as many runs as it computes at a time; return False if there is nothing left to wait for."""
        ahead = self.jobs + (self.jobs > 1)  # no process waits while a result is stored
        while len(self._flying) < ahead and (following := self._next()):
            one, seed = following
            experiment = self.plan.run(one.claim.objective, one.claim.setting, seed)
            run = Run(experiment, self.plan.validation, reverse=REVERSE in self.plan.judges)
            one.flying += 1
            self._flying[self.executor.submit(measure, run)] = one, seed
        return bool(self._flying)

    def _next(self) -> tuple[_Open, int] | None:
        """Return the next run: of a setting that is begun, or else of a new one."""
        for one in self._open:
            if one.seeds:
                return one, one.seeds.popleft()
        while claim := self.journal.claim():
            one = self._begin(claim)
            if one.seeds:
                return one, one.seeds.popleft()
        return None

    def _begin(self, claim: Claim) -> _Open:
        """Open a setting; what is known of it, from an earlier process or another trial, is not run again."""
        known = self.journal.known(claim.objective, claim.setting)
        one = _Open(claim, deque(seed for seed in self.plan.seeds if seed not in known))
        self._open.append(one)
        for seed in self.plan.seeds:
            if seed in known:
                self._store(one, seed, known[seed], close=False)
        self._close(one)
        return one

    def _store(self, one: _Open, seed: int, measured: Measured, *, close: bool = True) -> None:
        one.flying -= close
        if self.journal.record(one.claim, seed, measured):
            one.seeds.clear()
        if close:
            self._close(one)

    def _close(self, one: _Open) -> None:
        """Finish a setting of which nothing is left to run."""
        if not one.seeds and not one.flying:
            self.journal.finish(one.claim)
            self._open.remove(one)

    def _progress(self, one: _Open, seed: int, measured: Measured, seconds: float) -> Progress:
        """Tell how far the sweep is; `seconds`: the mean time from one ended run to the next."""
        trials = self.journal.trials()
        done = sum(trial.is_done for trial in trials)
        total = max(len(trials), sum(map(self.plan.trials_of, self.plan.objectives)))
        begun = sum(len(t.runs) for t in trials if t.state == "running")
        left = max(0, (total - done) * len(self.plan.seeds) - begun)
        return Progress(
            one.claim.objective,
            dict(one.claim.setting),
            seed,
            measured,
            choose=self.plan.choose,
            done=done,
            total=total,
            seconds_left=left * seconds,
        )


def _result(future: Future[Measured]) -> Measured:
    """Return a run's result. Errors: those of the run; RuntimeError if its process or the scheduler was ended."""
    from concurrent.futures.process import BrokenProcessPool

    try:
        return future.result()
    except BrokenProcessPool as error:
        raise RuntimeError(STOPPED) from error
    except CancelledError as error:  # by the client that has lost its scheduler
        raise RuntimeError(GONE) from error
