"""Publish a grid of runs as one page whose sliders choose between them; each run is recorded once and kept."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from tltutor.domains import DomainPair
from tltutor.evaluation.recorder import Recorder
from tltutor.evaluation.sweep.plan import Plan, plan_of
from tltutor.evaluation.sweep.processes import executor_of
from tltutor.evaluation.sweep.runs import one_thread
from tltutor.events import Failed, Stepped
from tltutor.experiment import Experiment
from tltutor.export.grid import Axis, grid_html
from tltutor.files import check_place
from tltutor.language import mark
from tltutor.projections import PROJECTIONS
from tltutor.recording import Recording
from tltutor.settings import Setting, check_name

FRAMES = 60  # of each run, with those in which a moving map comes to rest
REST = 8
SEEDS = 2
MOST_RUNS = 200
SEED = Setting(
    "seed", 0, 0, 2**31 - 1, "int", text=mark("Draws the data, the network and the batches.")
)
ASIDE = (
    "format",
    "seeds",
    "validation",
    "search",
    "pruning",
)  # of a plan, that no recorded run depends on


@dataclass(frozen=True)
class Publication:
    """The runs of a page, and the folder that keeps their recordings.

    plan: an experiment, one objective with the values of its settings, and seeds. frames: of each run.
    """

    plan: Plan
    folder: Path
    projection: str = "tsne"
    frames: int = FRAMES

    def __post_init__(self) -> None:
        check_name(self.projection, PROJECTIONS, what="projection")
        if isinstance(self.frames, bool) or self.frames not in range(20, 601):
            raise ValueError(
                f"frames must be a whole number between 20 and 600, got {self.frames!r}: {FRAMES} is usual"
            )
        if len(self.plan.objectives) != 1:
            raise ValueError(
                f"a page shows one objective, got {', '.join(self.plan.objectives)}: write a page for each"
            )
        if len(self.places) > MOST_RUNS:
            raise ValueError(
                f"a page holds at most {MOST_RUNS} runs, got {len(self.places)}: give fewer values or seeds"
            )

    @property
    def axes(self) -> list[Axis]:
        """The sliders: each setting with its values in order, then the seed; what has one value has no slider."""
        (declared,) = self.plan.axes.values()
        known = [(axis.setting, axis.values) for axis in declared.values()]
        found = [Axis(setting, ordered(setting, values)) for setting, values in known]
        return [axis for axis in (*found, Axis(SEED, self.plan.seeds)) if len(axis.values) > 1]

    @property
    def places(self) -> list[tuple[int, ...]]:
        """The place of every run on the axes."""
        return list(product(*(range(len(axis.values)) for axis in self.axes)))

    def setting_at(self, place: tuple[int, ...]) -> dict[str, Any]:
        """Return all values of the run at this place, with its seed."""
        (declared,) = self.plan.axes.values()
        alone = {name: axis.values[0] for name, axis in declared.items()}
        pairs = zip(self.axes, place, strict=True)
        return {SEED.name: self.plan.seeds[0], **alone} | {
            axis.setting.name: axis.values[k] for axis, k in pairs
        }

    def experiment_at(self, place: tuple[int, ...]) -> Experiment:
        """Return the run at this place."""
        setting = self.setting_at(place)
        seed = setting.pop(SEED.name)
        return self.plan.run(self.plan.objectives[0], setting, seed)

    def file_at(self, place: tuple[int, ...]) -> Path:
        """Return where the recording of the run at this place is kept: its name depends on all that the run depends on."""
        about = {name: told for name, told in self.plan.about().items() if name not in ASIDE}
        known = [about, self.plan.objectives, self.setting_at(place), self.projection, self.frames]
        digest = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()
        return self.folder / f"{digest[:24]}.npz"

    def missing(self) -> list[tuple[int, ...]]:
        """Return the places of the runs that are not recorded to their end."""
        return [place for place in self.places if recorded(self.file_at(place)) is None]


def ordered(setting: Setting, values: Iterable[Any]) -> tuple[Any, ...]:
    """Return numbers from the least on; choices and switches in the order in which they were given."""
    given = tuple(values)
    return given if setting.scale in ("choice", "switch") else tuple(sorted(given))


def recorded(path: Path) -> Recording | None:
    """Return the recording of a run that ended, or None: it is missing, damaged, or was stopped."""
    try:
        found = Recording.load(path)
    except (OSError, ValueError):
        return None
    about = found.points.about if found.points else {}
    last = max((fact.step for fact in found.facts if isinstance(fact, Stepped)), default=0)
    failed = any(isinstance(fact, Failed) for fact in found.facts)
    return found if found.frame_count and (failed or last == about.get("steps")) else None


def record(experiment: Experiment, path: Path, projection: str, frames: int) -> None:
    """Train a run and write its recording; a run that diverges is kept as far as it came."""
    rest = REST if PROJECTIONS[projection].moves else 0
    with one_thread():
        session = experiment.build()
        session.flow = True
        every = math.ceil(session.steps / (frames - 1 - rest))
        recorder = Recorder(str(path), projection, every, rest=rest)
        try:
            for _ in recorder.watch(session):
                pass
        except (FloatingPointError, ValueError) as error:
            keep_failed(recorder, session.step_number, error)


def keep_failed(recorder: Recorder, step: int, error: Exception) -> None:
    """Keep the recording of a run that diverged; raise the error of one that never began.

    A network that has diverged is refused by its map, sometimes before its loss is read.
    """
    recording = recorder.recording
    if not recording.frame_count:
        raise error
    if not any(isinstance(fact, Failed) for fact in recording.facts):
        recording.append(Failed(step, str(error)))
    recording.save(recorder.path)


def recording_all(publication: Publication, jobs: int | None = None) -> Iterator[tuple[int, int]]:
    """Record the runs that are missing, and yield how many of all are there, first and after each of them.

    It may be stopped and begun again: runs that ended are kept. Errors: those of training, but for a run that diverges.
    """
    missing, total = publication.missing(), len(publication.places)
    if missing:
        publication.experiment_at(missing[0]).build(
            trained=False
        )  # what it refuses, it refuses now
    publication.folder.mkdir(parents=True, exist_ok=True)
    done = total - len(missing)
    yield done, total
    if not missing:
        return
    with executor_of(jobs) as (executor, most):
        running: set[Future[None]] = set()
        while missing or running:
            while missing and len(running) < most:
                running.add(executor.submit(record, *work_at(publication, missing.pop(0))))
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            for future in ended:
                future.result()
                done += 1
                yield done, total


def work_at(publication: Publication, place: tuple[int, ...]) -> tuple[Experiment, Path, str, int]:
    """Return the arguments of `record` for the run at this place."""
    experiment, file = publication.experiment_at(place), publication.file_at(place)
    return experiment, file, publication.projection, publication.frames


def write(publication: Publication, out: Path, title: str | None = None) -> Path:
    """Write the page of a publication whose runs are all recorded. Errors: ValueError if one is missing; OSError."""
    runs = []
    for place in publication.places:
        found = recorded(publication.file_at(place))
        if found is None:
            raise ValueError(
                f"every run of a page must be recorded, and {publication.setting_at(place)} is not: record it first"
            )
        runs.append((place, found))
    return grid_html(runs, publication.axes, out, title=title, most=publication.frames)


def check_out(path: str | os.PathLike[str]) -> Path:
    """Return the path if the page could be written there. Errors: ValueError for another suffix; OSError."""
    out = Path(path).expanduser()
    if out.suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"a page must be an .html file, got {str(path)!r}: name it page.html")
    check_place(out, "page")
    return out


def folder_beside(out: Path) -> Path:
    """Return the folder beside a page that keeps its recordings."""
    return out.with_name(f"{out.stem}.runs")


def publish(
    pair: str | DomainPair,
    objective: str,
    out: str | os.PathLike[str],
    *,
    grid: str | Mapping[str, Any],
    seeds: int | Iterable[int] = SEEDS,
    projection: str = "tsne",
    frames: int = FRAMES,
    title: str | None = None,
    runs: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    network: str = "auto",
    network_options: Mapping[str, Any] | None = None,
    pair_options: Mapping[str, Any] | None = None,
    pretrain: int | None = None,
    on_progress: Callable[[int, int], object] = lambda *_: None,
    **session_options: Any,
) -> Path:
    """Record every run of a grid and write one page on which sliders choose between them; return its path.

    The page needs no kernel, server or network. grid: values by setting, {"weight": [0, 0.1, 1]} or "weight=0,.1,1;
    freeze_depth=0,1"; the seed is one more slider. frames: of each run. runs: the folder that keeps the recordings, beside
    the page by default; the same call continues what was stopped, and more values or seeds add to it. jobs: processes
    of one thread each (default: one a core). on_progress(done, all) is called after each run. Others are options of
    the session, such as steps=300. Target labels only judge what is drawn.
    Errors: ValueError and TypeError in one sentence, before anything is trained or written; OSError.
    """
    path = check_out(out)
    experiment = Experiment(
        pair,
        objective,
        network=network,
        pair_options=dict(pair_options or {}),
        network_options=dict(network_options or {}),
        session_options=session_options,
        pretrain=pretrain,
    )
    plan = plan_of(experiment, objective, grid, seeds=seeds)
    folder = folder_beside(path) if runs is None else Path(runs).expanduser()
    publication = Publication(plan, folder, projection, frames)
    for done, total in recording_all(publication, jobs):
        on_progress(done, total)
    return write(publication, path, title)
