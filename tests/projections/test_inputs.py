"""The map of 2-D inputs: the points are where their inputs say, always."""

import numpy as np
import pytest

from tltutor.projections.inputs import Inputs


def test_points_stand_at_their_inputs_whatever_the_features_say():
    places = np.float32([[0, 1], [2, 3], [4, 5]])
    layout = Inputs(places)
    for features in (np.zeros((3, 8)), None, np.ones((3, 8))):
        xy = layout(features, labels=None, is_target=None)
        np.testing.assert_array_equal(xy, places)
        xy += 1  # a copy: nobody can move the points


def test_only_2d_inputs_can_be_drawn():
    with pytest.raises(
        ValueError, match=r"needs 2-D inputs \(n, 2\), got shape \(3, 4\): choose another map"
    ):
        Inputs(np.zeros((3, 4)))
