"""BERT (Devlin et al., 2019) in stages: embeddings, encoder layers, pooling. Its parts bear the names that published weights have.

Padding travels in the numbers themselves: at padding every stage's output is 0, and so the next stage knows where it is.
A batch is cut to its longest text.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tltutor.files import CONFIG, WEIGHTS, find_model, model_file, needs
from tltutor.networks.defaults import Defaults
from tltutor.networks.inputs import TokenInputs, cut
from tltutor.networks.network import Body, Original
from tltutor.settings import Setting

EPSILON = 1e-12  # of layer normalization, as in BERT
SPREAD = 0.02  # standard deviation of new weights, as in BERT
# A new head learns at .005, and the stages, once they train, at the rate for fine-tuning, 5e-5 (Devlin et al., 2019, appendix A.3).
RANDOM = Defaults(lr=0.001, optimizer="adamw", schedule="linear", warmup=0.1, gradient_clip=1.0)
PRETRAINED = replace(RANDOM, trunk_frozen=True, lr=0.005, stages=0.01)


def _fixed(name: str, default: float, high: float, text: str, *, low: float = 1) -> Setting:
    return Setting(name, default, low, high, "int", text=text, live=False)


LAYERS = _fixed("layers", 2, 48, "Encoder layers.")
WIDTH = _fixed("width", 64, 4096, "Numbers that stand for each token.")
HEADS = _fixed("heads", 4, 128, "Attention heads of each layer.")
HIDDEN = _fixed("hidden", 128, 16384, "Units of each layer's dense part.")
VOCABULARY = _fixed("vocabulary", 30522, 1_000_000, "Number of different token ids.")
POSITIONS = _fixed("positions", 512, 8192, "Tokens of the longest text.")
LAYER_DROPOUT = Setting(
    "layer_dropout", 0.1, 0.0, 0.9, live=False, text="Dropout inside the stages, while they train."
)
POOLING = Setting(
    "pooling",
    "mean",
    scale="choice",
    choices=("mean", "cls"),
    live=False,
    text="A text's features: the mean over its tokens, or the output at the first, [CLS].",
)
OPTIONS = (LAYERS, WIDTH, HEADS, HIDDEN, VOCABULARY, POSITIONS, LAYER_DROPOUT, POOLING)


class Embeddings(nn.Module):
    """ids (n, t) -> (n, t, d): the sum of a vector for the word and one for its place, normalized."""

    def __init__(self, vocabulary: int, positions: int, d: int, dropout: float) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(vocabulary, d)
        self.position_embeddings = nn.Embedding(positions, d)
        self.token_type_embeddings = nn.Embedding(2, d)  # first or second text; here all are first
        self.LayerNorm = nn.LayerNorm(d, eps=EPSILON)
        self.dropout = nn.Dropout(dropout)

    def forward(self, ids: Tensor) -> Tensor:
        places = torch.arange(ids.shape[1], device=ids.device)
        h = self.word_embeddings(ids) + self.position_embeddings(places)
        h = h + self.token_type_embeddings.weight[0]
        h = self.dropout(self.LayerNorm(h))
        out: Tensor = h * (ids != TokenInputs.PADDING).unsqueeze(-1)
        return out


class SelfAttention(nn.Module):
    """Each token looks at all tokens of its text (Vaswani et al., 2017, eq. 1 and section 3.2.2)."""

    def __init__(self, d: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(d, d) for _ in range(3))
        self.dropout = nn.Dropout(dropout)

    def forward(self, h: Tensor, is_token: Tensor) -> Tensor:
        q, k, v = (self._by_head(part(h)) for part in (self.query, self.key, self.value))
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])  # (n, heads, t, t)
        scores = scores.masked_fill(~is_token[:, None, None], -torch.inf)
        out: Tensor = self.dropout(scores.softmax(-1)) @ v
        return out.transpose(1, 2).flatten(2)

    def _by_head(self, x: Tensor) -> Tensor:
        """(n, t, d) -> (n, heads, t, d / heads)."""
        out: Tensor = x.unflatten(2, (self.heads, -1))
        return out.transpose(1, 2)


class AddAndNorm(nn.Module):
    """x, h -> LayerNorm(h + dropout(W x + b)): a shortcut past what x was made of h by."""

    def __init__(self, d_in: int, d: int, dropout: float) -> None:
        super().__init__()
        self.dense = nn.Linear(d_in, d)
        self.LayerNorm = nn.LayerNorm(d, eps=EPSILON)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        out: Tensor = self.LayerNorm(h + self.dropout(self.dense(x)))
        return out


class Layer(nn.Module):
    """One encoder layer (n, t, d) -> (n, t, d): attention, then two dense layers on each token, each with a shortcut."""

    def __init__(self, d: int, heads: int, hidden: int, dropout: float) -> None:
        super().__init__()
        attention = {"self": SelfAttention(d, heads, dropout), "output": AddAndNorm(d, d, dropout)}
        self.attention = nn.ModuleDict(attention)
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(d, hidden)})
        self.output = AddAndNorm(hidden, d, dropout)

    def forward(self, h: Tensor) -> Tensor:
        h = cut(h)
        is_token = (h != 0).any(-1)
        h = self.attention["output"](self.attention["self"](h, is_token), h)
        out: Tensor = self.output(nn.functional.gelu(self.intermediate["dense"](h)), h)
        return out * is_token.unsqueeze(-1)


class Pooling(nn.Module):
    """(n, t, d) -> (n, d): the mean over the tokens, without padding, or the first token's output."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how

    def forward(self, h: Tensor) -> Tensor:
        if self.how == "cls":
            return h[:, 0]
        return h.sum(1) / (h != 0).any(-1).sum(1, keepdim=True)


def bert(
    shape: Sequence[int],
    *,
    layers: int,
    width: int,
    heads: int,
    hidden: int,
    vocabulary: int,
    positions: int,
    layer_dropout: float,
    pooling: str,
) -> Body:
    """Build the body for texts of shape (length,). Errors: ValueError for sizes that do not fit."""
    if width % heads:
        raise ValueError(
            f"width must be a multiple of heads, got width={width} and heads={heads}: use heads=1, or another width"
        )
    if shape[0] > positions:
        raise ValueError(
            f"texts must have at most {positions} tokens for this network, got {shape[0]}: make the pair with length={positions}"
        )
    embeddings = Embeddings(vocabulary, positions, width, layer_dropout)
    encoder = nn.ModuleList(Layer(width, heads, hidden, layer_dropout) for _ in range(layers))
    model = nn.ModuleDict(
        {"embeddings": embeddings, "encoder": nn.ModuleDict({"layer": encoder})}
    ).apply(_begin)
    stages = {"embeddings": embeddings} | {f"layer{i + 1}": part for i, part in enumerate(encoder)}
    stages["pooling"] = Pooling(pooling)
    extras = ("pooler.", "cls.", "embeddings.position_ids")
    return Body(
        stages,
        width,
        TokenInputs(shape, vocabulary),
        Original(model, head="classifier.", extras=extras),
    )


def _begin(part: nn.Module) -> None:
    """Draw new weights as BERT does."""
    if isinstance(part, nn.Linear | nn.Embedding):
        nn.init.normal_(part.weight, std=SPREAD)
    if isinstance(part, nn.Linear):
        nn.init.zeros_(part.bias)


# --- published weights

FROM_CONFIG = {  # option: its name in config.json
    "layers": "num_hidden_layers",
    "width": "hidden_size",
    "heads": "num_attention_heads",
    "hidden": "intermediate_size",
    "vocabulary": "vocab_size",
    "positions": "max_position_embeddings",
    "layer_dropout": "hidden_dropout_prob",
}
REQUIRED = {  # what this BERT is, and its default where config.json does not say
    "model_type": "bert",
    "hidden_act": "gelu",
    "position_embedding_type": "absolute",
    "layer_norm_eps": EPSILON,
    "pad_token_id": TokenInputs.PADDING,
}


def options_of(weights: str | Path) -> dict[str, Any]:
    """Return the options of the BERT whose weights these are; none for a file that `network.save` wrote.

    Errors: those of `find_model`; ValueError for a model of another kind.
    """
    if Path(weights).expanduser().is_file():
        return {}
    path = model_file(find_model(weights), CONFIG)
    try:
        config = json.loads(path.read_text("utf-8"))
        if not isinstance(config, dict):
            raise TypeError("it holds no names")
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{path} must be a model's configuration, and it cannot be read ({error}): copy it again"
        ) from None
    for name, value in REQUIRED.items():
        if config.get(name, value) != value:
            raise ValueError(
                f"weights for the network 'bert' must be a BERT's with {name}={value!r}, got {config[name]!r} in {path}:"
                " give the folder of another model"
            )
    return {option: config[name] for option, name in FROM_CONFIG.items() if name in config}


def read_state(weights: str | Path) -> dict[str, Tensor]:
    """Return the weights of a model's folder by the names that the body's parts have.

    Errors: those of `find_model`; ModuleNotFoundError without safetensors; ValueError for a damaged file.
    """
    path = model_file(find_model(weights), WEIGHTS)
    safetensors = needs("safetensors.torch")
    try:
        state: Mapping[str, Tensor] = safetensors.load_file(str(path))
    except Exception as error:  # noqa: BLE001 - the reader raises its own kinds
        raise ValueError(
            f"{path} cannot be read as safetensors ({error}): it is damaged or cut short, copy it again"
        ) from None
    return {name.removeprefix("bert."): value for name, value in state.items()}
