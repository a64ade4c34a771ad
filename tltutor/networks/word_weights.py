"""Which words of a text matter for the network's answer: how its logit falls when a word is hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from torch import Tensor

from tltutor.networks.inference import evaluating
from tltutor.networks.inputs import TokenInputs

if TYPE_CHECKING:
    from tltutor.networks.network import Network

MOST = 24  # passes of one text; in a longer text neighboring words are hidden together


@dataclass(frozen=True, eq=False)
class WordWeights:
    """What each word of a text does for a class. label: the class's number. spans (k, 2): where the words begin and end.

    shares (k,): -1..1, by how much the class's logit falls when the word is hidden, as a share of the largest change; below 0
    the word speaks against the class.
    """

    label: int
    spans: np.ndarray
    shares: np.ndarray


def without_each(ids: Tensor, parts: Tensor) -> Tensor:
    """Return copies (k, t) of a text's ids (t,), each with padding where one of the parts (k, t) bool is True."""
    return ids.expand(len(parts), -1).masked_fill(parts, TokenInputs.PADDING)


def word_weights(
    network: Network, x: Tensor, spans: np.ndarray, domain: Literal["source", "target"]
) -> WordWeights:
    """Return what the words of one text x (1, length) do for the network's own answer; the network does not change.

    spans (length, 2): where each token's word stands in the text, 0, 0 for none; a word's tokens are hidden together. To leave
    words out is what faster ways, such as gradient x input, are compared with (Li et al., 2016, "Understanding neural networks
    through representation erasure").
    """
    words = [tuple(span) for span in np.unique(spans[spans[:, 1] > spans[:, 0]], axis=0).tolist()]
    size = -(-len(words) // MOST) or 1
    groups = [words[i : i + size] for i in range(0, len(words), size)]
    hidden = np.array([[tuple(span) in group for span in spans.tolist()] for group in groups])
    parts = torch.from_numpy(hidden.reshape(-1, x.shape[1])).to(x.device)
    with evaluating(network):
        network.on(domain)
        (logits,) = network(x)[1]
        label = int(logits.argmax())
        others = network(without_each(x[0], parts))[1][:, label] if len(parts) else logits[:0]
    falls = (logits[label] - others).float().cpu().numpy()
    largest = float(np.abs(falls).max(initial=0.0))
    shares = falls / largest if largest > 0 else falls
    return WordWeights(
        label,
        np.array(words, np.int32).reshape(-1, 2),
        np.repeat(shares, [len(group) for group in groups]).astype(np.float32),
    )
