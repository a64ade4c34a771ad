"""Log-mel pictures: held to the closed form of the filters, a double loop, SciPy's transform, and tones of a known pitch."""

import numpy as np
import pytest
from scipy.signal import stft

from tltutor.domains.mel import POINTS, RANGE, WINDOW, hertz, log_mel, mel_filters, mels, power_at

RATE = 8000
RNG = np.random.default_rng(0)


def test_mels_are_undone_and_1000_hertz_are_about_1000_mels():
    assert hertz(mels(np.array([0.0, 440.0, 4000.0]))) == pytest.approx([0, 440, 4000])
    assert mels(1000) == pytest.approx(1000, abs=0.1)


def test_filters_are_those_of_a_double_loop():
    bands = 7
    filters = mel_filters(bands, RATE)
    step = mels(RATE / 2) / (bands + 1)
    for b in range(bands):
        low, peak, high = (hertz(step * (b + i)) for i in range(3))
        for k in range(POINTS // 2 + 1):
            f = k * RATE / POINTS
            inside = (f - low) / (peak - low) if f <= peak else (high - f) / (high - peak)
            assert filters[b, k] == pytest.approx(max(0.0, float(inside)))


def test_between_the_outer_peaks_the_filters_sum_to_one():
    """Each falls as the next one rises, so that no power is lost: the closed form of a partition of unity."""
    filters, frequency = mel_filters(32, RATE), np.arange(POINTS // 2 + 1) * RATE / POINTS
    peaks = hertz(np.linspace(0, mels(RATE / 2), 34))[[1, -2]]
    inside = (frequency >= peaks[0]) & (frequency <= peaks[1])
    assert filters.sum(0)[inside] == pytest.approx(1)
    assert (filters.sum(1) > 0).all()


def test_power_is_that_of_scipy():
    hop = 100
    sound = RNG.normal(size=WINDOW + 9 * hop)
    _, _, found = stft(
        sound, window=np.hanning(WINDOW), nperseg=WINDOW, noverlap=WINDOW - hop, nfft=POINTS,
        boundary=None, padded=False,
    )  # fmt: skip
    wanted = np.abs(found.T * np.hanning(WINDOW).sum()) ** 2
    assert power_at(sound, 10) == pytest.approx(wanted)


def test_a_tone_is_bright_at_its_pitch_and_low_pitches_lie_below():
    peaks = hertz(np.linspace(0, mels(RATE / 2), 34))[1:-1]
    for band in (4, 15, 28):
        sound = np.sin(2 * np.pi * peaks[band] * np.arange(4000) / RATE)
        picture = log_mel(sound, RATE)
        assert picture.shape == (32, 24)
        assert picture.dtype == np.float32
        assert set(picture.argmax(0)) == {31 - band}
        assert picture.max() == 1
        assert picture.min() >= 0


def test_time_runs_to_the_right():
    later = np.concatenate([np.zeros(3000), np.sin(np.arange(3000))])
    picture = log_mel(later, RATE)
    assert picture[:, :8].max() == pytest.approx(0, abs=1e-6)
    assert picture[:, -1].max() > 0.9


def test_loudness_does_not_count_but_decibels_do():
    sound = RNG.normal(size=2000)
    assert log_mel(sound, RATE) == pytest.approx(log_mel(sound * 100, RATE), abs=1e-5)
    loud = np.sin(np.arange(3000))
    quiet = np.concatenate([loud, loud / 10])  # 20 decibels less
    columns = log_mel(quiet, RATE).max(0)
    assert columns[2] - columns[-3] == pytest.approx(20 / RANGE, abs=0.01)


def test_a_sound_shorter_than_a_window_or_silent_is_still_a_picture():
    assert log_mel(np.ones(5), RATE).shape == (32, 24)
    assert (log_mel(np.zeros(900), RATE) >= 0).all()
