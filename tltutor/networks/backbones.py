"""torchvision's networks, cut into named stages that end in features (n, d); `Network` adds the head.

Dropout right before torchvision's own head is omitted, so that the head, the losses and the map see the same features.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from tltutor.networks.batchnorm import make_domain_aware
from tltutor.networks.defaults import Defaults
from tltutor.networks.inputs import Inputs
from tltutor.networks.network import Body, Original
from tltutor.settings import Setting

SIZE = Setting(
    "size", 224, 32, 1024, "int", unit="pixels", text="Images are resized to this side.", live=False
)
INCEPTION_SIZE = replace(SIZE, default=299, low=75)
# A network from scratch trains at .01. With ImageNet's weights that rate drives SqueezeNet to NaN in its third step; a new head on
# frozen stages trains.
PRETRAINED = Defaults(trunk_frozen=True, lr=0.001)
IMAGENET = {
    "mean": (0.485, 0.456, 0.406),
    "std": (0.229, 0.224, 0.225),
}  # per channel (RGB), of images in 0..1


def resnet18(_shape: Sequence[int], *, size: int) -> Body:
    """ResNet-18 (He et al., 2016): a stem and four layers, 512 features."""
    return _resnet("resnet18", size, feature_width=512)


def resnet50(_shape: Sequence[int], *, size: int) -> Body:
    """ResNet-50 (He et al., 2016): a stem and four layers, 2048 features."""
    return _resnet("resnet50", size, feature_width=2048)


def _resnet(name: str, size: int, *, feature_width: int) -> Body:
    from torchvision import models

    model = models.get_model(name, weights=None)
    make_domain_aware(model)
    stages = {
        "stem": _named(model, ("conv1", "bn1", "relu", "maxpool")),
        "layer1": model.layer1,
        "layer2": model.layer2,
        "layer3": model.layer3,
        "layer4": nn.Sequential(model.layer4, model.avgpool, nn.Flatten()),
    }
    return Body(stages, feature_width, _inputs(size), Original(model, head="fc."))


def vgg16(_shape: Sequence[int], *, size: int) -> Body:
    """VGG-16 (Simonyan & Zisserman, 2015): five blocks of convolutions, then fc6 and fc7, 4096 features."""
    from torchvision import models

    model = models.vgg16(weights=None)
    stages: dict[str, nn.Module] = {}
    block: list[nn.Module] = []
    for layer in model.features:
        block.append(layer)
        if isinstance(layer, nn.MaxPool2d):
            stages[f"conv{len(stages) + 1}"], block = nn.Sequential(*block), []
    stages["fc6"] = nn.Sequential(model.avgpool, nn.Flatten(), *model.classifier[:3])
    stages["fc7"] = model.classifier[3:5]
    return Body(stages, 4096, _inputs(size), Original(model, head="classifier.6."))


def squeezenet1_0(_shape: Sequence[int], *, size: int) -> Body:
    """SqueezeNet 1.0 (Iandola et al., 2016): conv1 and fire2 to fire9, then global average pooling, 512 features.

    The paper's last convolution gives classes, not features; the linear head replaces it.
    """
    from torchvision import models

    model = models.squeezenet1_0(weights=None)
    blocks: list[list[nn.Module]] = [[]]
    for layer in model.features:
        if hasattr(layer, "squeeze"):  # a fire module
            blocks.append([])
        blocks[-1].append(layer)
    blocks[-1] += [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    names = ("conv1", *(f"fire{i}" for i in range(2, 10)))
    stages = {name: nn.Sequential(*block) for name, block in zip(names, blocks, strict=True)}
    return Body(stages, 512, _inputs(size), Original(model, head="classifier.1."))


def inception_v3(_shape: Sequence[int], *, size: int) -> Body:
    """Inception v3 (Szegedy et al., 2016) without its second head: a stem and three groups of blocks, 2048 features.

    Its weights were trained on inputs (x - .5) / .5; torchvision's `transform_input` is equivalent.
    """
    from torchvision import models

    model = models.inception_v3(weights=None, aux_logits=False, init_weights=True)
    make_domain_aware(model)
    stem = (
        "Conv2d_1a_3x3",
        "Conv2d_2a_3x3",
        "Conv2d_2b_3x3",
        "maxpool1",
        "Conv2d_3b_1x1",
        "Conv2d_4a_3x3",
        "maxpool2",
    )
    stages = {
        "stem": _named(model, stem),
        "mixed5": _named(model, ("Mixed_5b", "Mixed_5c", "Mixed_5d")),
        "mixed6": _named(model, ("Mixed_6a", "Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e")),
        "mixed7": nn.Sequential(
            _named(model, ("Mixed_7a", "Mixed_7b", "Mixed_7c")), model.avgpool, nn.Flatten()
        ),
    }
    inputs = Inputs((3, size, size), size=size)
    return Body(stages, 2048, inputs, Original(model, head="fc.", extras=("AuxLogits.",)))


def by_graph(name: str, _shape: Sequence[int], *, size: int) -> Body:
    """Any of torchvision's classifiers, cut into stages by its own graph (`tltutor.networks.graph`).

    Errors: ValueError for a network without a linear head, and for images of a size that it cannot take.
    """
    from torchvision import models

    from tltutor.networks.graph import cut

    of: dict[str, dict[str, Any]] = {  # what torchvision must be told, by the first part of a name
        "vit": {"image_size": size},
        "googlenet": {"aux_logits": False, "transform_input": True, "init_weights": True},
    }
    options = of.get(name.partition("_")[0], {})
    try:
        model = models.get_model(name, weights=None, **options)
        make_domain_aware(model)
        with torch.no_grad():
            model.eval()(torch.zeros(1, 3, size, size))
    except (AssertionError, RuntimeError, ValueError) as error:
        raise ValueError(
            f"{name} must be able to take images of size={size} pixels, and it is not ({error}): use size=224"
        ) from None
    found = cut(model, size if "image_size" in options else SIZE.default)
    extras = ("aux1.", "aux2.")  # GoogLeNet's second and third head
    return Body(
        found.stages, found.width, _inputs(size), Original(model, head=found.head, extras=extras)
    )


def _named(model: nn.Module, names: Iterable[str]) -> nn.Sequential:
    """Return these children of `model` in sequence, under their own names."""
    return nn.Sequential(OrderedDict((name, getattr(model, name)) for name in names))


def _inputs(size: int) -> Inputs:
    return Inputs((3, size, size), size=size, **IMAGENET)
