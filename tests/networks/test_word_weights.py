"""Which words matter: held to a loop that hides them one by one, and where the words stand in their texts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from cases import text_package

import tltutor as tl
from tltutor.domains.hashing import places_of_words, words
from tltutor.domains.tokens import token_ids
from tltutor.files import MINILM
from tltutor.networks import build_network
from tltutor.networks.inference import outputs
from tltutor.networks.word_weights import MOST, word_weights
from tltutor.objectives import build_objective
from tltutor.training.session import Session

TEXTS = ["The film was really good, and cheap.", "A bad film", *["fine film"] * 4]
LONG = " ".join(f"word{k}" for k in range(50))


def network_and_domain(texts=TEXTS):
    domain = tl.Domain.from_texts(
        "a", texts, np.arange(len(texts)) % 2, tokenizer="words", length=60
    )
    pair = tl.DomainPair(domain, domain)
    network = build_network("bert", pair, width=16, layers=1, heads=2, hidden=16, vocabulary=8192)
    for p in network.parameters():
        torch.nn.init.normal_(p, std=0.3, generator=torch.Generator().manual_seed(p.numel()))
    return network.train(), domain, pair


def test_a_word_counts_by_how_much_the_logit_falls_without_it() -> None:
    network, domain, _ = network_and_domain()
    for row in (0, 1):
        found = word_weights(
            network, torch.tensor(domain.x[row : row + 1]), domain.spans[row], "source"
        )
        z = outputs(network, domain.x[row : row + 1], "source")[1][0]
        falls = []
        for start, end in found.spans.tolist():
            x = domain.x[row].copy()
            x[(domain.spans[row] == (start, end)).all(1)] = 0
            falls.append(
                float(z[found.label] - outputs(network, x[None], "source")[1][0, found.label])
            )
        assert found.label == int(z.argmax())
        expected = np.array(falls) / np.abs(falls).max()
        np.testing.assert_allclose(found.shares, expected, rtol=1e-3, atol=1e-4)
        assert [domain.texts[row][a:b].lower() for a, b in found.spans] == words(domain.texts[row])
    assert network.training


def test_in_a_long_text_neighbors_are_hidden_together() -> None:
    network, domain, _ = network_and_domain([LONG, *TEXTS])
    seen = list[int]()
    network.stages["layer1"].register_forward_hook(lambda _m, _x, h: seen.append(len(h)))
    found = word_weights(network, torch.tensor(domain.x[:1]), domain.spans[0], "source")
    assert len(found.shares) == 50
    assert max(seen) <= MOST
    assert np.allclose(found.shares[0], found.shares[1])
    assert not np.allclose(found.shares[0], found.shares[-1])


def test_a_session_tells_the_words_of_its_points() -> None:
    network, _, pair = network_and_domain()
    run = Session(
        pair, network, build_objective("source-only"), steps=2, batch_size=2, device="cpu"
    )
    run.step()
    points = run.snapshot_points
    found = run.word_weights(0)
    assert [points.texts[0][a:b].lower() for a, b in found.spans] == words(points.texts[0])
    moons = tl.load_pair("moons->rotated-moons", n_samples=30)
    plain = Session(moons, build_network("mlp", moons), build_objective("dann"), device="cpu")
    assert plain.word_weights(0) is None


@pytest.mark.parametrize("text", ["Good films, a!", "很好的电影 ok", "ﬁne film", "☺ nice"])
def test_words_are_found_where_they_stand(text: str) -> None:
    places = places_of_words(text)
    if text.startswith("ﬁ"):  # one letter there, two in plain spelling
        assert places == [(0, 0)] * 2
        return
    assert [text[a:b].lower() for a, b in places] == words(text)


def test_pieces_have_the_place_of_their_whole_word(data_root: Path) -> None:
    folder = data_root / "text_models" / MINILM
    if not folder.is_dir():
        pytest.skip(f"no real data: text_models/{MINILM} is not in TLTUTOR_DATA")
    text_package("tokenizers")
    text = "Unwatchable, Zdravo!"
    x, _, spans = token_ids([text], folder, length=16)
    found = [text[a:b] for a, b in spans[0].tolist()]
    n = int((x != 0).sum())
    assert list(dict.fromkeys(found[1 : n - 1])) == ["Unwatchable", ",", "Zdravo", "!"]
    assert n - 2 > 4
    assert set(found[n - 1 :]) == {""}


def test_places_follow_their_texts_through_a_pair() -> None:
    _, domain, _ = network_and_domain()
    taken = domain.take(np.array([1, 0]))
    assert (taken.spans == domain.spans[[1, 0]]).all()
    joined = tl.Domain.joined(domain, taken)
    assert (joined.spans == np.concatenate([domain.spans, taken.spans])).all()
    bare = tl.Domain("b", domain.x, domain.y, kind="tokens", mask=domain.mask)
    assert tl.Domain.joined(domain, bare).spans is None
