"""What lesson 19 claims of words that change sign, of frozen BERT features and of DANN on them, by its own cells."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from boards import experiment, read_boards, train
from measured import CHOSEN, FEW, every_seed, keep, tell
from notebook_runs import space

from tltutor.domains.hashing import words
from tltutor.files import needs
from tltutor.lessons.folders import find_folder
from tltutor.networks import Network, build_network

pytestmark = [pytest.mark.claims, pytest.mark.slow, pytest.mark.usefixtures("bert_is_there")]

LESSON = "19"
# The seeds 10 and 11 were seen while limits were chosen. These came later: what they contradicted was taken back.
SEEDS = (*CHOSEN, 20) if FEW else (*CHOSEN, 20, 21)
BOARDS = read_boards(LESSON)
CELLS = (
    "from dataclasses",
    "def load",
    "bert = tl.build_network",
    "mine = ",
    "counter = ",
    "of_products, of_films",
    "silent = ",
    "def by_chance",
    "def on_films",
    "def each_part",
    "def features",
)


@pytest.fixture
def bert_is_there(data_root: Path) -> None:
    """The data root, and the packages that read a text model."""
    for package in ("tokenizers", "safetensors"):
        try:
            needs(package)
        except ModuleNotFoundError as missing:
            pytest.skip(f"no text packages: {missing}")


@cache
def names(seed: int) -> dict[str, Any]:
    """The lesson's names; BERT reads each seed's news for them."""
    return space(LESSON, seed, *CELLS)


def kept(name: str, values: list[float]) -> list[float]:
    return keep(LESSON, name, [float(value) for value in values], SEEDS)


def over(a: list[float], b: list[float]) -> np.ndarray:
    return np.subtract(a, b)


# --- section 1


def test_hardly_a_word_changes_sign_and_most_say_nothing_on_products() -> None:
    of = {name: [] for name in ("same", "silent", "changed", "by chance")}
    for seed in SEEDS:
        its = names(seed)
        sure = sum(its["tally"].values())
        assert 45 < sure < 75  # "about sixty"
        for name, count in its["tally"].items():
            of[name].append(count / sure)
        chance = np.mean([its["by_chance"](number) for number in range(20)])
        of["by chance"].append(chance / sure)
    of = {name: kept(name, values) for name, values in of.items()}
    assert min(over(of["silent"], of["same"])) > 0.2
    assert min(over(of["same"], of["changed"])) > 0.08
    assert max(of["changed"]) < 0.08
    assert max(over(of["changed"], of["by chance"])) < 0.05


def test_the_words_that_the_answer_names_are_silent() -> None:
    for word in ("boring", "plot", "funny"):
        found = [names(seed)["silent"][names(seed)["counter"].vocabulary_[word]] for seed in SEEDS]
        assert sum(found) > len(SEEDS) / 2, word


def test_without_the_changed_words_a_bag_is_no_better() -> None:
    accuracy = {"bag": [], "bag without changed": [], "bag, from films": []}
    for seed in SEEDS:
        its = names(seed)
        films, on_films, everything = its["films"], its["on_films"], its["everything"]
        accuracy["bag"].append(on_films(everything, films.source))
        accuracy["bag without changed"].append(on_films(~its["changed"], films.source))
        accuracy["bag, from films"].append(on_films(everything, films.target))
    found = {name: kept(name, values) for name, values in accuracy.items()}
    assert max(np.abs(over(found["bag without changed"], found["bag"]))) < 0.04
    assert np.mean(over(found["bag, from films"], found["bag"])) > 0.05


def test_many_words_are_new_and_more_of_the_news() -> None:
    unseen = find_folder(LESSON).python("exercises").unseen  # type: ignore[union-attr]
    found = {}
    for name in ("films", "news"):
        pairs = [names(seed)[name] for seed in SEEDS]
        said = [[[*map(words, d.texts)] for d in (p.source, p.target)] for p in pairs]
        found[name] = kept(f"unseen, {name}", [unseen(*both) for both in said])
    assert min(found["films"]) > 0.15
    assert min(over(found["news"], found["films"])) > 0.1


# --- section 2


def end(seed: int, board: str, pair: Any, **other: Any) -> dict[str, float]:
    """What a finished board tells on all held-out texts, with the numbers of its last look."""
    numbers, _, session = train(experiment(BOARDS[board], seed, pair=pair, **other))
    return numbers | session.evaluate()


@cache
def of_counts(seed: int, target: str) -> float:
    its = names(seed)
    return end(seed, "counts", its["each_part"](its[target], its["bag"]))["target_accuracy"]


def frozen(seed: int, target: str, network: Network) -> float:
    how = {"network": network, "freeze_depth": network.depth}
    return end(seed, "frozen", names(seed)[target], **how)["target_accuracy"]


@cache
def of_bert(seed: int, target: str) -> float:
    return frozen(seed, target, names(seed)["bert"])


@pytest.mark.parametrize(("target", "gap"), [("films", 0.07), ("news", 0.1)])
def test_frozen_bert_carries_more_than_counted_words(target: str, gap: float) -> None:
    counts = kept(f"counts, {target}", [of_counts(seed, target) for seed in SEEDS])
    bert = kept(f"frozen, {target}", [of_bert(seed, target) for seed in SEEDS])
    tell(f"BERT over counts, {target}", over(bert, counts).tolist())
    assert min(over(bert, counts)) > gap


@every_seed
def test_untrained_bert_carries_nothing_that_counted_words_do_not() -> None:
    """The gain is pretraining's: the same layers with new weights, and the same head."""
    shape = {"layers": 6, "width": 384, "heads": 12, "hidden": 1536}
    values = []
    for seed in SEEDS:
        network = build_network("bert", names(seed)["films"], seed=seed, **shape)
        values.append(frozen(seed, "films", network))
    bert = [of_bert(seed, "films") for seed in SEEDS]
    assert min(over(bert, kept("untrained, films", values))) > 0.1


# --- section 4


@cache
def on_features(seed: int, target: str, method: str) -> dict[str, float]:
    return end(seed, "plain", in_features(seed, target), objective=method)


@cache
def in_features(seed: int, target: str) -> Any:
    its = names(seed)
    if target == "news":
        return its["companies"]
    return its["scaled"](its["each_part"](its["films"], its["features"]))


@every_seed
def test_dann_gains_on_films_and_loses_on_news_and_mmd_gains_on_both() -> None:
    rows = {"plain": "source-only", "game": "dann", "mmd": "mmd"}
    found = {}
    for target in ("films", "news"):
        for name, method in rows.items():
            values = [on_features(seed, target, method)["target_accuracy"] for seed in SEEDS]
            found[name, target] = kept(f"{name}, {target}", values)
    films = over(found["game", "films"], found["plain", "films"])
    news = over(found["game", "news"], found["plain", "news"])
    assert np.mean(films) > 0.02
    assert np.mean(news) < -0.03
    assert min(news) < -0.05  # "on some seeds by far"
    for target in ("films", "news"):
        assert np.mean(over(found["mmd", target], found["plain", target])) > 0.02


@every_seed
def test_on_news_the_probe_warns_and_source_accuracy_does_not() -> None:
    rows = ("source-only", "dann", "mmd")
    probe, source = (
        {row: [on_features(seed, "news", row)[number] for seed in SEEDS] for row in rows}
        for number in ("domain_probe_accuracy", "source_accuracy")
    )
    further = over(probe["dann"], probe["source-only"])
    tell("probe, DANN", further.tolist())
    assert min(further) > 0.02
    assert max(over(probe["mmd"], probe["source-only"])) < -0.08  # MMD did bring them together
    assert max(np.abs(over(source["dann"], source["source-only"]))) < 0.05
