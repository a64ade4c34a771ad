"""The table of sentences: features are made once for each text, no target label trains but where the row says so, and what is committed."""

import json

import numpy as np
import pytest

from benchmarks import report, texts
from benchmarks.ledger import Ledger
from tltutor.domains import Domain, DomainPair


def made_pair(inputs="counts", seed=0, flipped=False):
    """Opinions about phones and films; flipped: the labels of the target that is trained on are wrong."""
    rng = np.random.default_rng(seed)

    def sentences(noun, n):
        y = np.arange(n) % 2
        said = [
            f"the {noun} number{k} is {'good' if label else 'bad'}"
            for k, label in zip(rng.permutation(n), y, strict=True)
        ]
        return said, y

    parts = []
    for noun, n in (("phone", 60), ("phone", 20), ("film", 60), ("film", 20)):
        said, y = sentences(f"{noun}{n}", n)
        wrong = flipped and (noun, n) == ("film", 60)
        parts.append(Domain.from_texts(noun, said, 1 - y if wrong else y, tokenizer="words"))
    return DomainPair(parts[0], parts[2], source_test=parts[1], target_test=parts[3])


@pytest.fixture
def made(monkeypatch):
    """Pairs and features without files: which words a text has."""
    monkeypatch.setattr(texts, "load_pair", lambda _name, **how: made_pair(**how))
    seen = []

    def features(some, x, pair):
        seen.append(some)
        return np.array([[t.count("good"), t.count("bad"), len(t) % 7] for t in some], np.float32)

    monkeypatch.setattr(texts, "frozen_features", features)
    monkeypatch.setattr(texts, "STEPS", 5)
    texts.known.cache_clear()
    yield seen
    texts.known.cache_clear()


def test_no_target_label_trains_a_row_that_has_none(made, monkeypatch):
    rows = [row for row in texts.ROWS if row != texts.FINE_TUNED]
    before = {row: texts.predict("made", row, 0)[0] for row in rows}
    monkeypatch.setattr(texts, "load_pair", lambda _name, **how: made_pair(flipped=True, **how))
    changed = {row for row in rows if (texts.predict("made", row, 0)[0] != before[row]).any()}
    assert texts.FEW_ALONE in changed
    assert changed <= {texts.FEW_ALONE, texts.FEW_BOTH}
    assert (before[texts.FROZEN] == made_pair().target_test.y).all()
    assert len(made) == 2  # once for each side


def test_a_cell_is_shown_when_all_its_seeds_are_measured(tmp_path):
    ledger = Ledger(tmp_path / "l.jsonl", {})
    for seed in texts.SEEDS:
        key = {"pair": texts.PAIRS[0], "row": texts.TFIDF, "seed": seed}
        assert texts.summary(ledger)["results"][texts.TFIDF][texts.PAIRS[0]] is None
        ledger.measure(key, lambda seed=seed: {"accuracy": 0.5 + 0.1 * seed})
    result = texts.summary(ledger)
    assert result["results"][texts.TFIDF][texts.PAIRS[0]]["mean"] == pytest.approx(0.6)
    assert "| TF-IDF, logistic regression | .600 ± .100 | – | – |" in texts.as_text(result)


def test_what_the_committed_table_shows():
    """Orderings, over all seeds: frozen BERT above counted words, and a few target labels alone below it."""
    held = json.loads((report.DOCS / "texts.json").read_text("utf-8"))["results"]
    for name in texts.PAIRS:
        frozen = np.array(held[texts.FROZEN][name]["values"])
        assert (frozen - held[texts.TFIDF][name]["values"] > 0.08).all()
        assert frozen.mean() > np.mean(held[texts.FEW_ALONE][name]["values"])
    assert (report.DOCS / "texts.md").read_text("utf-8").count(" ± ") >= 24
