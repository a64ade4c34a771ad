"""A stage's output for one example as small images: which channels, how large, how bright."""

import numpy as np
import pytest
import torch

from tltutor.networks.activations import activation_of


def test_large_maps_are_averaged_over_patches():
    h = torch.rand(3, 32, 48, generator=torch.Generator().manual_seed(0))
    found = activation_of("a", h)
    assert found.images.shape == (3, 16, 16)
    assert found.images.dtype == np.uint8
    means = h.reshape(3, 16, 2, 16, 3).mean((2, 4)).numpy()
    wanted = 255 * means / means.max()
    np.testing.assert_allclose(found.images, wanted[found.channels], atol=1)


def test_black_is_zero_and_white_the_largest_and_values_below_zero_are_darker_still():
    assert activation_of("a", torch.tensor([0.0, 1.0, 2.0])).images.tolist() == [[[0, 128, 255]]]
    assert activation_of("a", torch.tensor([-1.0, 0.0, 3.0])).images.tolist() == [[[0, 64, 255]]]
    assert activation_of("a", torch.tensor([1.0, 2.0])).images.tolist() == [[[128, 255]]]
    assert activation_of("a", torch.zeros(3)).images.tolist() == [[[0, 0, 0]]]


def test_at_most_eight_channels_the_most_active_first():
    h = torch.zeros(12, 2, 2)
    h[:, 0, 0] = torch.tensor([3.0, -9, 1, 7, 5, 2, 8, 4, 6, 0, 0.5, 0.1])
    found = activation_of("a", h)
    assert found.channels.tolist() == [1, 6, 3, 8, 4, 7, 0, 5]
    assert found.images.shape == (8, 2, 2)


@pytest.mark.parametrize(
    ("shape", "images"), [((200,), (1, 1, 128)), ((6, 40), (6, 1, 16)), ((4, 2, 3, 5), (4, 2, 15))]
)
def test_other_shapes_become_rows_or_flat_maps(shape, images):
    h = torch.rand(shape, generator=torch.Generator().manual_seed(0))
    found = activation_of("a", h)
    assert found.images.shape == images
    if len(shape) == 1:
        kept = set(h.argsort(descending=True)[:128].tolist())
        assert found.channels.tolist() == sorted(kept)
