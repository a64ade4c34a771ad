"""A recipe for mnist->mnist-m, found without target labels: a judge chooses step by step, then fresh seeds are measured.

    python -m benchmarks.mnistm               # about twenty minutes of one core; a stopped run is resumed
    python -m benchmarks.mnistm --jobs 2      # two processes

It needs MNIST and MNIST-M in a data root. What is tried in a round depends on what the judge chose in the round before, and
on nothing else: while it searches, no accuracy on the target is printed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from time import process_time
from typing import Any, TypeAlias

import joblib

from benchmarks import report
from benchmarks.ledger import Ledger
from tltutor.domains import DomainPair, load_pair
from tltutor.evaluation.evidence import evidence_of, pair_for_choosing
from tltutor.evaluation.sweep.plan import USABLE
from tltutor.evaluation.sweep.runs import one_thread, oracle_accuracy, scores_of
from tltutor.experiment import Experiment
from tltutor.metrics.judges import JUDGES, is_collapsed
from tltutor.networks import Network, load_network
from tltutor.training.session import Session

PAIR = "mnist->mnist-m"
JUDGE = "information"  # the smallest mean regret of docs/judges.md, on other pairs
SEARCH_SEED = 10  # of all that is tried; its accuracies are the oracle's and no result
SEEDS = (0, 1, 2)  # of what is reported
SHORT, LONG, ONWARD = 1500, 2500, 800  # steps: of what is tried, of DANN, of what goes on from it
SEEN = 2000  # examples of each part that the judges see
PAPER, WANTED = 0.767, 0.85  # DANN of Ganin et al., 2016; and what some method is to reach
VERSION = 1  # part of every measurement's settings: raise it when a change moves the numbers
SESSION = {"batch_size": 64, "precision": "bf16", "device": "cpu"}
ADAM = {"optimizer": "adam", "schedule": "cosine"}
KEPT = report.PARTIAL / "mnist_m"  # trained networks, from which others go on
DANN, ONWARDS = "DANN", "DANN, then the judge's choice"
ORACLE = "oracle, by the target's labels"
COMMAND = "python -m benchmarks.mnistm"
INTRODUCTION = """\
Accuracy on the held-out target images of `{pair}` at the last step, mean ± standard deviation over the seeds {seeds}. How the recipe was
found: in each round one judge, *{title}*, chose among the candidates by seed {search_seed}, which is not reported; what is
tried next depends on that choice alone. It is the judge with the smallest mean regret on other pairs ([judges](judges.md)), settled before
the search. It sees 20 % of the source, on which no candidate trained, and target images without labels, {seen} of each at most. The results
train on all of the source.

A round tries DANN for {tried} steps; the chosen one trains for {dann} steps, and what goes on from its network for {onward} steps more.
The goals are those that were set before: DANN at the paper's {paper} (Ganin et al., 2016), and some method at {wanted}.

    {command}
"""
TRIED = """\
Every candidate is one run with seed {search_seed}. In bold: the choice. The judges' scores are such that more is better, so risks and
entropies have a minus sign. The last column looks at the target's labels: no choice has seen it."""
CHOSEN = """\
Beside each choice its accuracy, as the oracle knows it. The second round goes on from what the search's own judge chose in the first,
whatever the other judges prefer."""
LIMITS = """\
- The search does not find a good recipe. That is no judgment of DANN: with the paper's recipe and 6000 steps it has .715, and source-only
  .600 ([every result](results.md)).
- In the first round, networks with BatchNorm statistics of the target's own are surer of their answers there than those without BatchNorm,
  and not more often right. *{title}* takes that for success, as the other judges of sureness do.
- SHOT minimizes nearly what *{title}* measures, which favors it:
  its score rises from that of the network it began with, and its accuracy falls.
- FixMatch gives up classes in so few steps: its answers are sure, and not varied. *{title}* sees that; some other judges do not.
- One search seed decides each round: candidates that lie close together may change places with another.
- Rounds are short. Numbers of steps and candidates were cut for lack of time while the first round ran, when its scores were known and no
  accuracy was.
- Not tried: longer runs, other batches, critics, values of λ and dropout, augmented images, CDAN, pseudo-labels and the mean teacher.
- Products are computed in bfloat16, which moves single results a little.
- The target's images are the same for every seed: the spread is that of training.
"""


@dataclass(frozen=True)
class Stage:
    """A training run of a recipe. values: the objective's settings and lr; session, network: options beside the common ones."""

    objective: str
    steps: int
    values: Mapping[str, Any] = field(default_factory=dict)
    session: Mapping[str, Any] = field(default_factory=dict)
    network: Mapping[str, Any] = field(default_factory=dict)


Recipe: TypeAlias = tuple[Stage, ...]  # each stage goes on from the network of the one before
Ask: TypeAlias = Callable[[str, Mapping[str, Recipe]], Recipe]


def search(ask: Ask) -> dict[str, Recipe]:
    """Return the recipes to report. ask(title, candidates by name) returns the one that the judge chooses."""
    dann = ask("Optimizer, BatchNorm, and the stage that is aligned", beginnings())
    long = (replace(dann[0], steps=LONG),)
    onward = ask("What goes on from there", continued(long))
    return {DANN: long, ONWARDS: onward}


def beginnings() -> dict[str, Recipe]:
    """Return the paper's recipe, Adam in its place, and Adam with BatchNorm, its statistics shared or not."""
    sgd = Stage("dann", SHORT, {"lr": 0.01}, network={"batchnorm": False, "features": "conv2"})
    adam = replace(sgd, values={"lr": 0.001}, session=ADAM)

    def normed(mode: str, features: str) -> Recipe:
        network = {"batchnorm": True, "features": features}
        return (replace(adam, session={**ADAM, "batchnorm": mode}, network=network),)

    return {
        "SGD, no BatchNorm, conv2 (the paper's)": (sgd,),
        "Adam, no BatchNorm, conv2": (adam,),
        "Adam, separate BatchNorm, conv2": normed("separate", "conv2"),
        "Adam, joint BatchNorm, conv2": normed("joint", "conv2"),
        "Adam, separate BatchNorm, fc1": normed("separate", "fc1"),
        "Adam, separate BatchNorm, fc2": normed("separate", "fc2"),
    }


def continued(recipe: Recipe) -> dict[str, Recipe]:
    """Return what goes on from a recipe's network, and the recipe without anything after it."""
    session = {**recipe[-1].session, "batch_size": SESSION["batch_size"], "augment": "none"}

    def on(objective: str, **values: Any) -> Recipe:
        stage = Stage(objective, ONWARD, {"lr": 0.0005, **values}, {**session, **ADAM})
        return (*recipe, stage)

    return {
        "nothing": recipe,
        "SHOT": on("shot"),
        "MCC": on("mcc"),
        "FixMatch": on("fixmatch"),
    }


# --- running it


def key_of(recipe: Recipe, seed: int) -> dict[str, Any]:
    """Return all that a recipe's numbers depend on."""
    return {"recipe": [asdict(stage) for stage in recipe], "common": SESSION, "seed": seed}


@lru_cache(maxsize=1)
def loaded() -> DomainPair:
    """Return the pair, which is the same for every seed."""
    return load_pair(PAIR, seed=0)


def train(recipe: Recipe, seed: int, pair: DomainPair) -> Session:
    """Run the recipe's last stage from the network of those before it, and keep its network in a file."""
    *before, last = recipe
    start = network_of(tuple(before), seed, pair) if before else "lenet"
    session = Experiment(
        pair,
        last.objective,
        start,
        seed=seed,
        network_options=last.network,
        session_options={**SESSION, **last.session, "steps": last.steps},
        values=last.values,
        pretrain=0,
    ).build()
    list(session)
    path = file_of(recipe, seed, pair)
    path.parent.mkdir(parents=True, exist_ok=True)
    session.network.save(path)
    return session


def network_of(recipe: Recipe, seed: int, pair: DomainPair) -> Network:
    """Return a recipe's network, from its file if there is one."""
    path = file_of(recipe, seed, pair)
    return load_network(path) if path.is_file() else train(recipe, seed, pair).network


def file_of(recipe: Recipe, seed: int, pair: DomainPair) -> Path:
    """Return the file of a recipe's network; seeds that choose train on a part of the source, others on all of it."""
    about = [VERSION, key_of(recipe, seed), len(pair.source), pair.name]
    name = hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:16]
    return KEPT / f"{name}.pt"


def judged(recipe: Recipe, seed: int) -> dict[str, Any]:
    """Return every judge's score of a recipe, and apart from them the accuracy that only the oracle may look at."""
    start = process_time()
    with one_thread():
        pair = loaded()
        try:
            session = train(recipe, seed, pair_for_choosing(pair, seed=seed))
        except FloatingPointError as error:
            return {"failed": str(error)}
        evidence = evidence_of(session, most=SEEN)
        return {
            "scores": scores_of(evidence),
            "collapsed": is_collapsed(evidence["target_probabilities"]),
            "oracle": oracle_accuracy(session, pair),
            "core_seconds": round(process_time() - start, 1),
        }


def measured(recipe: Recipe, seed: int) -> dict[str, Any]:
    """Return the accuracies of a recipe after its last stage, trained on all of the source."""
    start = process_time()
    with one_thread():
        found = train(recipe, seed, loaded()).evaluate()
    return {**found, "core_seconds": round(process_time() - start, 1)}


Work: TypeAlias = Callable[[Recipe, int], dict[str, Any]]


def measure_all(
    ledger: Ledger, work: Work, todo: Iterable[tuple[Recipe, int]], jobs: int
) -> Iterator[dict[str, Any]]:
    """Measure what is missing, one process each, store it as it comes, and yield the keys."""
    missing = [(recipe, seed) for recipe, seed in todo if key_of(recipe, seed) not in ledger]
    parallel = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered")
    for key, found in parallel(joblib.delayed(_with_key)(work, *one) for one in missing):
        ledger.measure(key, partial(dict, found))
        yield key


def _with_key(work: Work, recipe: Recipe, seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    return key_of(recipe, seed), work(recipe, seed)


def choice(found: Mapping[str, Mapping[str, Any]], judge: str) -> str | None:
    """Return the name of the candidate with a judge's best score among those that have one and did not collapse."""
    scores = {
        name: one["scores"][judge]
        for name, one in found.items()
        if "scores" in one and not one["collapsed"] and one["scores"].get(judge) is not None
    }
    return max(scores, key=scores.__getitem__) if scores else None


def choose(found: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the name of the candidate that the declared judge chooses. Errors: ValueError if all of them failed."""
    name = choice(found, JUDGE)
    if name is None:
        raise ValueError("no candidate of this round can be judged: all diverged or collapsed")
    return name


# --- the report


def rounds(ledger: Ledger, jobs: int = 1) -> dict[str, Any]:
    """Run what is left of the search and of the reported seeds; return the rounds and the results."""
    found: list[dict[str, Any]] = []

    def ask(title: str, candidates: Mapping[str, Recipe]) -> Recipe:
        todo = [(recipe, SEARCH_SEED) for recipe in candidates.values()]
        for key in measure_all(ledger, judged, todo, jobs):
            print(f"{title}: {_named(candidates, key)}: {_said(ledger[key])}", flush=True)
        tried = {name: ledger[key_of(one, SEARCH_SEED)] for name, one in candidates.items()}
        chosen = choose(tried)
        print(f"{title}: {JUDGE} chooses: {chosen}", flush=True)
        found.append({"title": title, "chosen": chosen, "tried": tried})
        return candidates[chosen]

    reported = search(ask)
    todo = [(recipe, seed) for recipe in reported.values() for seed in SEEDS]
    for key in measure_all(ledger, measured, todo, jobs):
        print(f"seed {key['seed']}: {_named(reported, key)}: {ledger[key]}", flush=True)
    results = {
        name: {
            "stages": [asdict(stage) for stage in recipe],
            **report.spread([ledger[key_of(recipe, s)]["target_accuracy"] for s in SEEDS]),
        }
        for name, recipe in reported.items()
    }
    return {"rounds": found, "results": results}


def _named(candidates: Mapping[str, Recipe], key: Mapping[str, Any]) -> str:
    recipes = {json.dumps(key_of(one, key["seed"])): name for name, one in candidates.items()}
    return recipes[json.dumps(key)]


def _said(found: Mapping[str, Any]) -> str:
    """Return what may be seen while the search goes on: the judge's score, and no accuracy."""
    if "failed" in found:
        return str(found["failed"])
    score = found["scores"].get(JUDGE)
    told = "no score" if score is None else f"{JUDGE} {score:.4f}"
    return f"{'collapsed, ' if found['collapsed'] else ''}{told}, {found['core_seconds']} s"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what is missing, then write the report."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=1, help="processes (default %(default)s)")
    parser.add_argument("--ledger", type=Path, default=report.MEASURED / "mnistm.jsonl")
    parser.add_argument("--out", type=Path, default=report.DOCS)
    arguments = parser.parse_args(argv)
    ledger = Ledger(arguments.ledger, {"version": VERSION}, report.measured_on())
    result = summary(ledger, arguments.jobs)
    report.write("mnist_m", result, as_text(result), arguments.out)
    return 0


def summary(ledger: Ledger, jobs: int = 1) -> dict[str, Any]:
    """Return the design, the rounds of the search and the results, as plain values."""
    about = {"command": COMMAND, "design": design()}
    return about | report.circumstances() | rounds(ledger, jobs)


def design() -> dict[str, Any]:
    """Return what the search is made of, besides its candidates."""
    return {
        "pair": PAIR,
        "judge": JUDGE,
        "search_seed": SEARCH_SEED,
        "seeds": list(SEEDS),
        "steps": {"tried": SHORT, "dann": LONG, "onward": ONWARD},
        "seen": SEEN,
        "session": dict(SESSION),
    }


def as_text(result: Mapping[str, Any]) -> str:
    """Return the report."""
    design = result["design"]
    about = INTRODUCTION.format(
        **{**design, "seeds": ", ".join(map(str, design["seeds"]))},
        title=JUDGES[design["judge"]].title,
        wanted=_short(WANTED),
        paper=_short(PAPER),
        command=result["command"],
        **design["steps"],
    )
    parts = ["# MNIST to MNIST-M, chosen without target labels", "", about]
    parts += [_results(result), "", *verdicts(result["results"]), ""]
    parts += ["## What was tried", "", TRIED.format(**design), ""]
    for one in result["rounds"]:
        parts += [f"### {one['title']}", "", _tried(one), ""]
    parts += ["## What each judge would have chosen", "", CHOSEN, "", _choices(result["rounds"])]
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    return "\n".join(
        [
            *parts,
            "",
            "## What holds, and what does not",
            "",
            LIMITS.format(title=JUDGES[design["judge"]].title.split(" (")[0]),
            f"Measured with {versions}.",
        ]
    )


def _results(result: Mapping[str, Any]) -> str:
    rows = (
        [
            name,
            report.cell(one),
            *(_short(value) for value in one["values"]),
            _recipe(one["stages"]),
        ]
        for name, one in result["results"].items()
    )
    seeds = (f"seed {seed}" for seed in result["design"]["seeds"])
    return report.table(["", "target accuracy", *seeds, "recipe"], rows)


def verdicts(results: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return, for each goal, whether it is reached on average and with every seed."""
    best = max((DANN, ONWARDS), key=lambda name: results[name]["mean"])
    lines = []
    goals = (
        (DANN, DANN, PAPER, "the paper's"),
        (best, f"The better of both, {best},", WANTED, "the"),
    )
    for name, who, goal, what in goals:
        values = results[name]["values"]
        above = sum(value >= goal for value in values)
        told = "reaches" if results[name]["mean"] >= goal else "does not reach"
        lines.append(
            f"- {who} {told} {what} {_short(goal)} on average; {above} of {len(values)} seeds do."
        )
    return lines


def _tried(one: Mapping[str, Any]) -> str:
    """Return the table of a round: every judge's score, the chooser's in bold, and the oracle's accuracy."""
    head = ["", *(JUDGES[name].title.split(" (")[0] for name in USABLE), "oracle's accuracy"]
    return report.table(head, (_row(name, one) for name in one["tried"]))


def _row(name: str, one: Mapping[str, Any]) -> list[str]:
    found = one["tried"][name]
    told = f"**{name}**" if name == one["chosen"] else name
    if "failed" in found:
        return [told, *("–" for _ in USABLE), "diverged"]
    scores = (found["scores"].get(judge) for judge in USABLE)
    cells = ["–" if score is None else f"{score:.3f}" for score in scores]
    return [told, *cells, _short(found["oracle"])]


def _choices(rounds: Sequence[Mapping[str, Any]]) -> str:
    """Return the table of the judges' choices in each round, and the oracle's, with the oracle's accuracy of each."""
    rows = []
    for judge in (*USABLE, ORACLE):
        cells = []
        for one in rounds:
            name = _best(one["tried"]) if judge == ORACLE else choice(one["tried"], judge)
            cells.append("–" if name is None else f"{name}: {_short(one['tried'][name]['oracle'])}")
        title = ORACLE if judge == ORACLE else str(JUDGES[judge].title)
        rows.append([f"**{title}**" if judge == JUDGE else title, *cells])
    return report.table(["chosen by", *(one["title"] for one in rounds)], rows)


def _best(found: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the name of the candidate with the best accuracy: what no choice may know."""
    return max(found, key=lambda name: found[name].get("oracle", 0.0))


def _recipe(stages: Sequence[Mapping[str, Any]]) -> str:
    """Return a recipe in words."""
    told = []
    for stage in stages:
        options = {**stage["network"], **stage["session"], **stage["values"]}
        words = ", ".join(f"{name} {value}" for name, value in options.items())
        told.append(f"`{stage['objective']}` for {stage['steps']} steps ({words})")
    return ", then ".join(told)


def _short(value: float) -> str:
    return report.cell(report.spread([value]))


if __name__ == "__main__":
    sys.exit(main())
