"""Each shift of images against arithmetic done by hand, and severity 0 against the image itself."""

import numpy as np
import pytest

from tltutor.domains import shifts


def rng():
    return np.random.default_rng(0)


def images(n=3, channels=1, size=12):
    return rng().random((n, channels, size, size), dtype=np.float32)


def dot(size=9):
    x = np.zeros((1, 1, size, size), dtype=np.float32)
    x[0, 0, size // 2, size // 2] = 1
    return x


@pytest.mark.parametrize("name", shifts.SHIFTS)
def test_severity_zero_is_the_very_image(name):
    x = images()
    assert np.array_equal(shifts.SHIFTS[name][0](x, 0.0, rng()), x)


@pytest.mark.parametrize("name", shifts.SHIFTS)
def test_every_shift_acts_keeps_the_shape_and_leaves_its_input_alone(name):
    x = images(channels=3)
    before = x.copy()
    shift, setting = shifts.SHIFTS[name]
    y = shift(x, setting.high / 2, rng())
    assert y.shape == x.shape
    assert y.dtype == np.float32
    assert not np.allclose(y, x, atol=1e-3)
    assert np.array_equal(x, before)


def test_rotation_is_counterclockwise_and_alike_for_every_image_and_channel():
    x = images(n=4, channels=3)
    assert shifts.rotation(x, 90, rng()) == pytest.approx(np.rot90(x, axes=(2, 3)), abs=1e-5)
    assert shifts.rotation(x, -90, rng()) == pytest.approx(np.rot90(x, -1, axes=(2, 3)), abs=1e-5)


def test_thickness_grows_a_dot_to_a_plus_and_a_diamond():
    assert shifts.thickness(dot(), 1, rng()).sum() == 5
    assert shifts.thickness(dot(), 2, rng()).sum() == 13
    assert shifts.thickness(dot(), 0.25, rng()).sum() == pytest.approx(1 + 4 * 0.25)


def test_negative_thickness_shrinks_by_the_same_stamp():
    plus = shifts.thickness(dot(), 1, rng())
    assert np.array_equal(shifts.thickness(plus, -1, rng()), dot())
    assert shifts.thickness(dot(), -0.5, rng()).sum() == pytest.approx(0.5)


def test_blur_spreads_a_dot_with_the_stated_deviation():
    spread = shifts.blur(dot(31), 2.0, rng())[0, 0]
    offsets = np.arange(31) - 15
    assert spread.sum() == pytest.approx(1, abs=1e-4)
    assert (spread.sum(axis=0) * offsets**2).sum() == pytest.approx(4.0, rel=0.02)


def test_blur_mixes_no_images_and_no_channels():
    x = np.zeros((2, 3, 9, 9), dtype=np.float32)
    x[0, 0] = dot()[0, 0]
    assert shifts.blur(x, 1.0, rng())[0, 1:].max() == 0
    assert shifts.blur(x, 1.0, rng())[1].max() == 0


def test_contrast_pulls_to_middle_gray():
    assert shifts.contrast(images(), 1.0, rng()) == pytest.approx(0.5)
    assert shifts.contrast(np.zeros((1, 1, 2, 2), np.float32), 0.4, rng()) == pytest.approx(0.2)


def test_inversion_swaps_and_half_of_it_is_gray():
    x = images()
    assert shifts.inversion(x, 1.0, rng()) == pytest.approx(1 - x)
    assert shifts.inversion(x, 0.5, rng()) == pytest.approx(0.5)
    assert shifts.inversion(x, 0.25, rng()) == pytest.approx(0.75 * x + 0.25 * (1 - x))


def test_noise_has_the_stated_deviation_and_follows_its_source_of_chance():
    gray = np.full((20, 1, 28, 28), 0.5, np.float32)
    noisy = shifts.noise(gray, 0.1, rng())
    assert noisy.std() == pytest.approx(0.1, rel=0.02)
    assert noisy.mean() == pytest.approx(0.5, abs=0.003)
    assert np.array_equal(noisy, shifts.noise(gray, 0.1, rng()))
    assert shifts.noise(gray, 1.0, rng()).max() == 1


def test_shifts_compose_in_their_order():
    x = images()
    got = shifts.apply_shifts(x, {"noise": 0.1, "inversion": 1.0, "rotation": 90}, seed=0)
    wanted = shifts.noise(1 - np.rot90(x, axes=(2, 3)), 0.1, rng())
    assert got == pytest.approx(wanted, abs=1e-5)


def test_no_shift_at_all_is_the_image():
    assert np.array_equal(shifts.apply_shifts(images(), {}), images())


def test_unknown_shifts_and_values_out_of_bounds_are_refused():
    with pytest.raises(ValueError, match="no shift is called 'rotate': did you mean 'rotation'"):
        shifts.apply_shifts(images(), {"rotate": 10})
    with pytest.raises(ValueError, match="contrast must be a number between 0 and 1, got 2"):
        shifts.apply_shifts(images(), {"contrast": 2})
