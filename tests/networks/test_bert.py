"""BERT in stages: the hidden states of Hugging Face's model, one meaning of freezing, and padding that changes nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from cases import for_each, text_package
from torch import Tensor

import tltutor as tl
from tltutor.events import Stepped
from tltutor.files import MINILM
from tltutor.networks import Network, build_network, load_network
from tltutor.networks.bert import PRETRAINED, RANDOM
from tltutor.networks.inference import outputs
from tltutor.objectives import OBJECTIVES, build_objective
from tltutor.training.session import Session

TINY: dict[str, Any] = {"width": 16, "layers": 2, "heads": 2, "hidden": 24, "vocabulary": 8192}
LIKED, HATED = ["good", "fine", "great", "loved"], ["bad", "poor", "awful", "hated"]
NEED_BATCHNORM = {"adabn", "dsbn", "tent"}
NEED_MAPS = {"attention"}


def sentences(noun: str, n: int = 40) -> list[str]:
    """n sentences about the noun of different lengths, every other one liked."""
    return [
        f"the {noun} was {(LIKED if k % 2 else HATED)[k // 2 % 4]}{' really' * (k % 5)}"
        for k in range(n)
    ]


def made_pair(length: int = 16) -> tl.DomainPair:
    one, other = (
        tl.Domain.from_texts(
            noun, sentences(noun), np.arange(40) % 2, tokenizer="words", length=length
        )
        for noun in ("phone", "film")
    )
    return tl.DomainPair(one, other, source_test=one, target_test=other)


PAIR = made_pair()


def tiny(**options: Any) -> Network:
    return build_network("bert", PAIR, **(TINY | options))


def session(objective: str = "source-only", **options: Any) -> Session:
    how: dict[str, Any] = {"steps": 4, "batch_size": 8, "snapshot_size": 20, "device": "cpu"}
    return Session(PAIR, tiny(), build_objective(objective), **(how | options))


def states(network: Network, x: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    h: dict[str, Tensor] = {}
    with torch.no_grad():
        features, _ = network.eval()(x, h)
    return h, features


# --- against Hugging Face's own model


SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4}
SIZES |= {"intermediate_size": 24, "vocab_size": 8192, "max_position_embeddings": 20}


def made_by_transformers(folder: Path) -> Any:
    """Save a small random BERT as transformers does, and return it."""
    transformers = text_package("transformers")
    torch.manual_seed(0)
    model = transformers.BertModel(transformers.BertConfig(**SIZES)).eval()
    for p in model.parameters():
        torch.nn.init.normal_(p, std=0.2)  # of biases and norms, too
    model.save_pretrained(folder)
    return model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a small random BERT, its weights under their published names."""
    save_weights(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"} | SIZES), "utf-8")
    return tmp_path


def save_weights(folder: Path) -> None:
    state = tiny(heads=4, positions=20).stages.state_dict()
    for layer in (1, 2):
        state = {
            n.replace(f"layer{layer}.", f"encoder.layer.{layer - 1}."): v for n, v in state.items()
        }
    text_package("safetensors.torch").save_file(
        {f"bert.{name}": value.half() for name, value in state.items()},
        folder / "model.safetensors",
    )


def check_against(model: Any, network: Network, x: Tensor) -> None:
    """Compare every stage with the model's hidden states, and pooling with a loop over texts and tokens."""
    h, features = states(network, x)
    with torch.no_grad():
        theirs = model(input_ids=x, attention_mask=(x != 0).long(), output_hidden_states=True)
    for ours, their in zip(list(h.values())[:-1], theirs.hidden_states, strict=True):
        for row in range(len(x)):
            n = int((x[row] != 0).sum())
            torch.testing.assert_close(ours[row, :n], their[row, :n], rtol=1e-4, atol=2e-5)
            assert not ours[row, n:].any()
    for row, ids in enumerate(x):
        total, n = torch.zeros(features.shape[1]), 0
        for place, token in enumerate(ids):
            if token:
                total, n = total + theirs.hidden_states[-1][row, place], n + 1
        torch.testing.assert_close(features[row], total / n, rtol=1e-4, atol=2e-5)


@pytest.mark.slow
def test_stages_and_pooling_are_those_of_transformers(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    model = made_by_transformers(folder)
    network = build_network("bert", PAIR, weights=folder)
    assert list(network.stages) == ["embeddings", "layer1", "layer2", "pooling"]
    x = torch.tensor(PAIR.source.x[:10])
    check_against(model, network, x)
    first = build_network("bert", PAIR, weights=folder, pooling="cls")
    h, features = states(first, x)
    torch.testing.assert_close(features, h["layer2"][:, 0])


@pytest.mark.slow
def test_minilm_is_that_of_transformers(data_root: Path) -> None:
    transformers = text_package("transformers")
    folder = data_root / "text_models" / MINILM
    if not (folder / "model.safetensors").is_file():
        pytest.skip(f"no real data: text_models/{MINILM} is not in TLTUTOR_DATA")
    texts = ["A good phone.", "The film was bad, and I left after the first half of it!", "Meh"]
    domain = tl.Domain.from_texts("a", texts * 2, [0, 1] * 3, tokenizer=folder, length=32)
    network = build_network("bert", tl.DomainPair(domain, domain), weights=folder)
    assert (network.depth, network.feature_width) == (8, 384)
    ids = transformers.AutoTokenizer.from_pretrained(folder)(texts)["input_ids"]
    assert [row[row != 0].tolist() for row in domain.x[:3]] == ids
    model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    check_against(model, network, torch.tensor(domain.x[:3]))


def test_an_encoder_layer_is_that_of_torch() -> None:
    torch.manual_seed(0)
    layer = tiny().eval().stages["layer1"]
    for p in layer.parameters():
        torch.nn.init.normal_(p, std=0.2)
    own, attention = layer.state_dict(), ("query", "key", "value")
    peer = torch.nn.TransformerEncoderLayer(
        16, 2, 24, activation="gelu", layer_norm_eps=1e-12, batch_first=True
    ).eval()
    names = {"self_attn.out_proj": "attention.output.dense", "norm1": "attention.output.LayerNorm"}
    names |= {
        "linear1": "intermediate.dense",
        "linear2": "output.dense",
        "norm2": "output.LayerNorm",
    }
    state = {f"{n}.{w}": own[f"{of}.{w}"] for n, of in names.items() for w in ("weight", "bias")}
    for w in ("weight", "bias"):
        state[f"self_attn.in_proj_{w}"] = torch.cat(
            [own[f"attention.self.{n}.{w}"] for n in attention]
        )
    peer.load_state_dict(state)
    is_token = torch.arange(7) < torch.tensor([[7], [4], [1]])
    h = torch.randn(3, 7, 16) * is_token[..., None]
    with torch.no_grad():
        ours, theirs = layer(h), peer(h, src_key_padding_mask=~is_token)
    torch.testing.assert_close(ours[is_token], theirs[is_token], rtol=1e-4, atol=1e-5)
    assert not ours[~is_token].any()


# --- padding


def test_padding_and_neighbors_change_no_features() -> None:
    network, x = tiny(), torch.tensor(PAIR.source.x)
    whole = states(network, x)[1]
    for row in range(10):
        alone = states(network, x[row : row + 1])[1]
        torch.testing.assert_close(alone[0], whole[row], rtol=1e-4, atol=1e-6)
    longer = build_network("bert", made_pair(30), **TINY)
    longer.load_state_dict(network.state_dict())
    torch.testing.assert_close(
        states(longer, torch.tensor(made_pair(30).source.x))[1], whole, rtol=1e-4, atol=1e-6
    )


def test_a_batch_is_cut_to_its_longest_text() -> None:
    network, seen = tiny(), list[int]()
    network.stages["layer1"].register_forward_hook(lambda _m, _x, h: seen.append(h.shape[1]))
    x = torch.tensor(PAIR.source.x)
    longest = (x != 0).sum(1)
    for rows in (longest.argsort()[:4], longest.argsort()[-4:]):
        states(network, x[rows])
    assert seen == [5, 9]


def test_many_texts_come_out_in_their_order() -> None:
    network, x = tiny(), torch.tensor(np.concatenate([PAIR.source.x, PAIR.target.x]))
    f, z = outputs(network, x, "source")
    expected, head = states(network, x)[1], network.head
    torch.testing.assert_close(f, expected, rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(z, head(expected), rtol=1e-4, atol=1e-5)


# --- frozen stages


@pytest.mark.parametrize("frozen", [1, 2, 4])
def test_kept_outputs_are_those_of_a_run_that_keeps_none(frozen: int) -> None:
    runs = [session("mmd", freeze_depth=frozen, keep_frozen=keep) for keep in (None, False)]
    assert [run.prefix.depth for run in runs] == [frozen, 0]
    losses = [[fact.losses for fact in run if isinstance(fact, Stepped)] for run in runs]
    for one, other in zip(*losses, strict=True):
        assert one == pytest.approx(other, rel=1e-4, abs=1e-6)
    one, other = (run.snapshot(flow=True) for run in runs)
    np.testing.assert_allclose(one.features, other.features, rtol=1e-4, atol=1e-5)


def test_freezing_stops_exactly_the_first_stages() -> None:
    run = session(freeze_depth=2)
    before = {name: value.clone() for name, value in run.network.state_dict().items()}
    list(run)
    moved = {
        n for n, value in run.network.state_dict().items() if not torch.equal(value, before[n])
    }
    assert {name.split(".")[1] for name in moved if name.startswith("stages")} == {"layer2"}
    assert {"head.weight", "head.bias"} <= moved


def test_a_pretrained_one_begins_with_its_head_and_stages_learn_slower(folder: Path) -> None:
    network = build_network("bert", PAIR, weights=folder)
    assert network.defaults == PRETRAINED
    run = Session(PAIR, network, build_objective("source-only"), steps=20, device="cpu")
    assert run.values["freeze_depth"] == network.depth
    assert (run.rule.optimizer, run.rule.gradient_clip, run.rule.warmup) == ("adamw", 1.0, 0.1)
    run.set(freeze_depth=0)
    for _ in range(3):
        run.step()
    rates = {group["name"]: group["lr"] for group in run.optimizer.param_groups}
    assert rates["layer1"] == pytest.approx(PRETRAINED.stages * rates["head"])
    given = Session(
        PAIR, tiny(), build_objective("source-only"), optimizer="sgd", warmup=0.0, device="cpu"
    )
    assert (given.rule.optimizer, given.rule.warmup) == ("sgd", 0.0)
    assert given.rule.gradient_clip == RANDOM.gradient_clip


def test_it_is_saved_and_loaded(folder: Path, tmp_path: Path) -> None:
    for network in (tiny(), build_network("bert", PAIR, weights=folder)):
        network.save(tmp_path / "net.pt")
        again = load_network(tmp_path / "net.pt")
        assert again.defaults == network.defaults
        x = torch.tensor(PAIR.target.x[:5])
        torch.testing.assert_close(states(again, x)[1], states(network, x)[1])
    built = build_network(
        "bert", PAIR, weights=tmp_path / "net.pt", **{**TINY, "heads": 4, "positions": 20}
    )
    torch.testing.assert_close(states(built, x)[1], states(network, x)[1])


# --- what does not fit


def test_ids_that_the_network_does_not_know_are_refused() -> None:
    with pytest.raises(ValueError, match=r"must lie in 0\.\.99 for this network, got \d+: make"):
        Session(PAIR, tiny(vocabulary=100), build_objective("mmd"), device="cpu")
    x = torch.full((2, 16), 8192)
    with pytest.raises(ValueError, match=r"0\.\.8191 for this network, got 8192"):
        tiny()(x)


def test_padding_that_would_pass_for_tokens_is_refused() -> None:
    ids, mask = np.full((6, 4), 7), np.tile([True, True, False, False], (6, 1))
    wrong = tl.Domain("a", ids, np.arange(6) % 2, kind="tokens", mask=mask)
    network = build_network("bert", tl.DomainPair(wrong, wrong), **TINY)
    objective = build_objective("source-only")
    with pytest.raises(ValueError, match=r"padding.* must have the id 0.*got 7.*text 0 of 'a'"):
        Session(tl.DomainPair(wrong, wrong), network, objective, device="cpu")
    ids = np.where(mask, ids, 0)  # the remedy
    right = tl.Domain("a", ids, np.arange(6) % 2, kind="tokens", mask=ids != 0)
    Session(tl.DomainPair(right, right), network, objective, device="cpu")


def test_each_network_refuses_another_kind_of_examples() -> None:
    with pytest.raises(
        ValueError, match=r"mlp needs images .* or vectors.* use the network 'bert'"
    ):
        build_network("mlp", PAIR)
    moons = tl.load_pair("moons->rotated-moons")
    with pytest.raises(ValueError, match=r"bert needs token ids.*use the network 'mlp'"):
        build_network("bert", moons)


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"heads": 3}, "multiple of heads, got width=16 and heads=3"),
        ({"positions": 8}, "at most 8 tokens .* got 16"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(options: dict[str, int], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        tiny(**options)


def test_folders_that_hold_no_such_bert_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build() -> Network:
        return build_network("bert", PAIR, weights=folder)

    config = json.loads((folder / "config.json").read_text("utf-8"))
    for name, value in {"model_type": "roberta", "hidden_act": "relu", "pad_token_id": 1}.items():
        (folder / "config.json").write_text(json.dumps(config | {name: value}), "utf-8")
        with pytest.raises(ValueError, match=rf"must be a BERT's with {name}=.*got {value!r}"):
            build()
    (folder / "config.json").write_text("[", "utf-8")
    with pytest.raises(ValueError, match=r"config.json must be a model's configuration"):
        build()
    (folder / "config.json").write_text(json.dumps(config | {"hidden_size": 32}), "utf-8")
    with pytest.raises(ValueError, match="weights must fit the body of bert"):
        build()
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "safetensors.torch", None)
        with pytest.raises(ModuleNotFoundError, match=r"pip install 'tltutor\[text\]'"):
            build()
    (folder / "model.safetensors").write_bytes(b"x")
    with pytest.raises(ValueError, match="cannot be read as safetensors"):
        build()
    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(FileNotFoundError, match=r"pickled weights could run code.*save_pretrained"):
        build()
    save_weights(folder)  # the remedy
    assert build().depth == 4


# --- every objective


def runs(name: str) -> None:
    if name in NEED_BATCHNORM | NEED_MAPS:
        remedy = "such as 'mmd'" if name in NEED_BATCHNORM else "use 'fitnets' or 'rkd'"
        with pytest.raises(ValueError, match=remedy):
            list(session(name))
        return
    run = session(name)
    losses = [fact.losses for fact in run if isinstance(fact, Stepped)]
    assert len(losses) == 4
    assert np.isfinite([value for terms in losses for value in terms.values()]).all()
    assert np.isfinite(run.snapshot(flow=True).features).all()


def test_some_objectives_run_on_texts() -> None:
    for_each(("dann", "mcc", "fixmatch", "fitnets", "delta", "multi-task", "tent"), runs)


@pytest.mark.slow
def test_every_objective_runs_on_texts() -> None:
    for_each(OBJECTIVES, runs)
