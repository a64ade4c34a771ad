"""BatchNorm over two domains: one set of weights, separate running statistics for source and target."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional as F

DomainName: TypeAlias = Literal["source", "target"]


class _TwoDomains(nn.modules.batchnorm._BatchNorm):  # noqa: SLF001  (torch's own base of all BatchNorms)
    """BatchNorm with the source's statistics in torch's buffers and the target's in additional ones; `domain` selects one.

    In training mode a batch is normalized by its own statistics and updates the running statistics of its domain only. Both
    domains share scale and shift until `split` gives the target its own.
    """

    target_mean: Tensor
    target_var: Tensor
    target_weight: nn.Parameter | None
    target_bias: nn.Parameter | None

    def __init__(
        self, num_features: int, *, eps: float = 1e-5, momentum: float | None = 0.1
    ) -> None:
        super().__init__(num_features, eps=eps, momentum=momentum)
        self.domain: DomainName = "source"
        self.register_buffer("target_mean", torch.zeros(num_features))
        self.register_buffer("target_var", torch.ones(num_features))
        self.register_parameter("target_weight", None)
        self.register_parameter("target_bias", None)

    def split(self) -> None:
        """Give the target its own scale and shift, copied from the source's; a second call changes nothing."""
        if self.target_weight is None:
            self.target_weight = nn.Parameter(self.weight.detach().clone())
            self.target_bias = nn.Parameter(self.bias.detach().clone())

    def scale_and_shift(self, domain: DomainName) -> tuple[nn.Parameter, nn.Parameter]:
        """Return the scale (c,) and shift (c,) of this domain."""
        if domain == "source" or self.target_weight is None or self.target_bias is None:
            return self.weight, self.bias
        return self.target_weight, self.target_bias

    def forward(self, x: Tensor) -> Tensor:
        if self.domain == "source":
            return super().forward(x)
        self._check_input_dim(x)  # type: ignore[no-untyped-call]
        momentum = 0.0 if self.momentum is None else self.momentum
        weight, bias = self.scale_and_shift("target")
        scale = {"weight": weight, "bias": bias, "momentum": momentum, "eps": self.eps}
        return F.batch_norm(x, self.target_mean, self.target_var, training=self.training, **scale)  # type: ignore[arg-type]

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *rest: Any) -> None:
        """Fill in the target's missing entries (torchvision's states have none) with the source's."""
        of_both = {
            "target_mean": "running_mean",
            "target_var": "running_var",
            "target_weight": "weight",
            "target_bias": "bias",
        }
        for mine, source in of_both.items():
            if getattr(self, mine) is not None and prefix + source in state_dict:
                state_dict.setdefault(prefix + mine, state_dict[prefix + source])
        super()._load_from_state_dict(state_dict, prefix, *rest)


class DomainBatchNorm1d(_TwoDomains, nn.BatchNorm1d):
    """`nn.BatchNorm1d` with separate running statistics for source and target."""


class DomainBatchNorm2d(_TwoDomains, nn.BatchNorm2d):
    """`nn.BatchNorm2d` with separate running statistics for source and target."""


def make_domain_aware(module: nn.Module) -> None:
    """Replace every BatchNorm inside `module` by a domain-aware one with the same weights; the target starts with the source's."""
    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm1d | nn.BatchNorm2d) and not isinstance(
            child, _TwoDomains
        ):
            setattr(module, name, _domain_aware(child))
        else:
            make_domain_aware(child)


def _domain_aware(old: nn.BatchNorm1d | nn.BatchNorm2d) -> _TwoDomains:
    kind = DomainBatchNorm2d if isinstance(old, nn.BatchNorm2d) else DomainBatchNorm1d
    new = kind(old.num_features, eps=old.eps, momentum=old.momentum)
    new.load_state_dict(old.state_dict())
    return new


def how_to_get_it(network: nn.Module) -> str:
    """Return the remedy for a network without BatchNorm."""
    if "batchnorm" in getattr(network, "options", {"batchnorm": False}):
        return "build it with batchnorm=True"
    return "use a method that needs none, such as 'mmd', or a network that has it, such as 'resnet18' for images"


def split_affine(network: nn.Module) -> None:
    """Give the target its own scale and shift in every BatchNorm (DSBN: Chang et al., 2019, section 3.2).

    Errors: ValueError for a network without BatchNorm.
    """
    layers = list(domain_layers(network))
    if not layers:
        raise ValueError(
            f"domain-specific BatchNorm needs a network with BatchNorm, got one without: {how_to_get_it(network)}"
        )
    for layer in layers:
        layer.split()


def domain_layers(module: nn.Module) -> Iterator[_TwoDomains]:
    """Iterate over the domain-aware BatchNorms inside `module`, in order."""
    return (layer for layer in module.modules() if isinstance(layer, _TwoDomains))


def has_batchnorm(module: nn.Module) -> bool:
    """Return True if `module` contains any BatchNorm, domain-aware or not."""
    return any(isinstance(layer, nn.modules.batchnorm._BatchNorm) for layer in module.modules())  # noqa: SLF001


@contextmanager
def fixed_statistics(module: nn.Module) -> Iterator[None]:
    """Make every BatchNorm normalize by its running statistics and not update them; gradients still flow."""
    moving = [
        m
        for m in module.modules()
        if isinstance(m, nn.modules.batchnorm._BatchNorm) and m.training  # noqa: SLF001
    ]
    for layer in moving:
        layer.training = False
    try:
        yield
    finally:
        for layer in moving:
            layer.training = True


def share_source_statistics(module: nn.Module) -> None:
    """Copy the source's running statistics to the target in every BatchNorm in training mode; frozen ones do not change.

    The network then has the statistics that it was trained with for both domains.
    """
    for layer in domain_layers(module):
        if layer.training and layer.running_mean is not None and layer.running_var is not None:
            layer.target_mean.copy_(layer.running_mean)
            layer.target_var.copy_(layer.running_var)
