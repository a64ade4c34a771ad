"""Speech, hearts, bankruptcy and bearings: read from made files in both layouts; what a broken file or an unknown name is told."""

import re
import wave
from itertools import pairwise

import numpy as np
import pytest
from scipy.io import savemat

from tltutor.domains import (
    BrokenSetError,
    DownloadError,
    MissingSetError,
    bankruptcy,
    bearings,
    by_hand,
    fetch,
    heart,
    load_pair,
    speech,
    verify,
)
from tltutor.domains.mel import log_mel
from tltutor.domains.tables import clipped, filled, standardized

RATE, TAKES = 8000, 4
SETS = {
    "speaker->speaker": ("spoken-digits", "spoken_digits/recordings"),
    "hospital->hospital": ("heart-disease", "heart_disease/processed.cleveland.data"),
    "five-years->one-year": ("bankruptcy", "bankruptcy/1year.arff"),
    "load->load": ("bearing-faults", "bearing_faults/118.mat"),
}


def tone(digit, speaker, take):
    """A tone whose pitch tells digit and speaker, and whose length the take."""
    moments = np.arange(600 + 70 * take) / RATE
    return (9000 * np.sin(2 * np.pi * (300 + 250 * digit + 30 * speaker) * moments)).astype(
        np.int16
    )


RECORDINGS = [(d, s, t) for d in range(10) for s in range(6) for t in range(TAKES)]


def write_wav(root):
    folder = root / "spoken_digits" / "recordings"
    folder.mkdir(parents=True)
    for digit, speaker, take in [*RECORDINGS, (3, 0, 40)]:  # of many takes, the first count
        path = folder / f"{digit}_{by_hand.SPEAKERS[speaker]}_{take}.wav"
        with wave.open(str(path), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(RATE)
            sound.writeframes(tone(digit, speaker, take).tobytes())


def write_spoken_npz(root, **changed):
    sounds = [tone(*one) for one in RECORDINGS]
    digit, speaker, take = np.array(RECORDINGS, np.int8).T
    arrays = {
        "audio": np.concatenate(sounds),
        "length": np.array([len(sound) for sound in sounds]),
        "digit": digit,
        "speaker": speaker,
        "take": take,
        "speaker_names": np.array(by_hand.SPEAKERS),
        "rate": np.array(RATE),
    }
    save(root / by_hand.SPEECH_MINI, arrays | changed)


def save(path, arrays):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **{name: a for name, a in arrays.items() if a is not None})


def patients(hospital, n=40):
    """Rows of text, of which age tells the row and trestbps the hospital; every other patient is ill."""
    rows = []
    for k in range(n):
        pressure = 100 + by_hand.HOSPITALS.index(hospital)
        row = [30 + k, k % 2, 1 + k % 4, pressure, 200 + k, "", k % 3, 150, 0, 1.5, "", "", "", 0]
        rows.append([*map(str, row[:-1]), str(k % 2 * (1 + k % 4))])
    rows[5][4] = rows[6][4] = "0"  # a cholesterol that nobody measured
    return rows


def write_heart(root, *, published=False, columns=by_hand.HEART_COLUMNS):
    folder = root / "heart_disease"
    folder.mkdir(parents=True, exist_ok=True)
    for hospital in by_hand.HOSPITALS:
        rows = patients(hospital)
        if published:
            lines = [",".join(word or "?" for word in row) for row in rows]
        else:
            places = [by_hand.HEART_COLUMNS.index(name) for name in columns]
            lines = [",".join(columns), *(",".join(row[k] for k in places) for row in rows)]
        name = f"processed.{hospital}.data" if published else f"{hospital}.csv"
        (folder / name).write_text("\n".join([*lines, ""]), "utf-8")


def companies(n, seed):
    """Ratios whose first tells the row; one in four is bankrupt; the second has a gap and an outlier."""
    x = np.random.default_rng(seed).normal(size=(n, 64)).astype(np.float32)
    x[:, 0] = np.arange(n)
    x[3, 1], x[4, 1] = np.nan, 1e6
    return x, (np.arange(n) % 4 == 0).astype(np.int8)


def write_arff(root, n=200):
    folder = root / "bankruptcy"
    folder.mkdir(parents=True)
    for seed, name in enumerate(("1year", "5year")):
        x, y = companies(n, seed)
        words = [["?" if np.isnan(v) else repr(float(v)) for v in row] for row in x]
        lines = [",".join([*row, str(label)]) for row, label in zip(words, y, strict=True)]
        head = [f"@attribute Attr{k} numeric" for k in range(1, 65)]
        text = "\n".join(["@relation r", "", *head, "@attribute class {0,1}", "", "@data", *lines])
        (folder / f"{name}.arff").write_text(text + "\n\n", "utf-8")


def write_companies_npz(root, **changed):
    arrays = {}
    for seed, name in enumerate(("1year", "5year")):
        arrays[f"x_{name}"], arrays[f"y_{name}"] = companies(200, seed)
    save(root / by_hand.BANKRUPTCY_MINI, arrays | changed)


def vibration(fault, load, n):
    """A tone that tells fault and load, and noise."""
    moments = np.arange(n) / bearings.RATE
    noise = np.random.default_rng([fault, load]).normal(size=n)
    return np.sin(2 * np.pi * (400 * (fault + 1) + 20 * load) * moments) + 0.1 * noise


def write_mat(root, load=2):
    folder = root / "bearing_faults"
    folder.mkdir(parents=True)
    for fault, first in enumerate(by_hand.FIRST_FILE):
        drive_end = vibration(fault, load, 60000)[:, None]
        arrays = {f"X{first + load}_DE_time": drive_end, f"X{first + load}_FE_time": -drive_end}
        savemat(folder / f"{first + load}.mat", arrays | {f"X{first + load}RPM": 1797})


def write_bearings_npz(root, **changed):
    x, y, load = [], [], []
    for fault in range(9):
        for at in (0, 2, 3):
            recording = vibration(fault, at, 60000)
            x.append(bearings._windows_of(recording) * 1000)
            y += [fault] * 56
            load += [at] * 56
    arrays = {
        "x": np.concatenate(x).round().astype(np.int16),
        "y": np.array(y, np.int8),
        "load": np.array(load, np.int8),
        "scale": np.float32(0.001),
        "classes": np.array(by_hand.FAULTS),
    }
    save(root / by_hand.BEARINGS_MINI, arrays | changed)


# Speech


@pytest.mark.parametrize("write", [write_wav, write_spoken_npz])
def test_spoken_digits_are_pictures_of_one_speaker_each(tmp_path, write):
    write(tmp_path)
    pair = load_pair("speaker->speaker", data_dir=tmp_path, source="theo", target="lucas")
    assert (pair.name, pair.shape) == ("theo->lucas", (1, 32, 24))
    assert [len(part) for part in pair.domains()] == [28, 28, 12, 12]
    for part in pair.domains():
        number = by_hand.SPEAKERS.index(part.name)
        for x, y in zip(part.x, part.y, strict=True):
            pictures = [log_mel(tone(y, number, take), RATE) for take in range(TAKES)]
            assert any(np.array_equal(x[0], picture) for picture in pictures)


def test_others_are_all_speakers_but_the_target(tmp_path):
    write_spoken_npz(tmp_path)
    pair = load_pair("speaker->speaker", data_dir=tmp_path, target="lucas")
    assert (len(pair.source) + len(pair.source_test), pair.source.name) == (200, "others")
    theirs = {x.tobytes() for x in (*pair.target.x, *pair.target_test.x)}
    assert not theirs & {x.tobytes() for x in (*pair.source.x, *pair.source_test.x)}


def test_a_picture_leads_back_to_its_sound(tmp_path):
    write_spoken_npz(tmp_path)
    pair = load_pair("speaker->speaker", data_dir=tmp_path, source="theo", target="lucas")
    sound, rate = speech.sound_of(pair.target_test.x[2], tmp_path)
    assert rate == RATE
    assert np.array_equal(log_mel(sound, rate), pair.target_test.x[2, 0])
    with pytest.raises(ValueError, match=r"one of this pair's.*pair\.target_test\.x"):
        speech.sound_of(np.zeros((1, 32, 24)), tmp_path)


# Hearts


@pytest.mark.parametrize("published", [True, False])
def test_patients_are_read_with_their_gaps(tmp_path, published):
    write_heart(tmp_path, published=published)
    x, y = heart.read_patients(tmp_path, "switzerland")
    assert x.shape == (40, 10)
    assert x[:, 0].tolist() == list(range(30, 70))
    assert (x[:, 3] == 102).all()
    assert np.isnan(x[:, 5]).all()
    assert np.flatnonzero(np.isnan(x[:, 4])).tolist() == [5, 6]
    assert y.tolist() == [0, 1] * 20


def test_a_pair_of_hospitals_is_on_the_sources_scale(tmp_path):
    write_heart(tmp_path)
    pair = load_pair("hospital->hospital", data_dir=tmp_path, source="cleveland", target="va")
    assert pair.class_names == ("healthy", "diseased")
    assert pair.source.columns == heart.COLUMNS
    assert len(heart.COLUMNS) == pair.shape[0] == 15
    assert [len(part) for part in pair.domains()] == [20, 20, 20, 20]
    assert np.abs(pair.source.x.mean(0)).max() < 1e-6
    pressure = heart.COLUMNS.index("trestbps")
    assert (pair.source.x[:, pressure] == 0).all()  # constant there, so that its unit stays
    assert (pair.target.x[:, pressure] == 3).all()  # 103 of Virginia, 100 of Cleveland


def test_kinds_of_pain_become_columns_of_their_own():
    x = np.zeros((1, 10))
    x[0, 2], x[0, 6] = 3, 1
    spread = dict(zip(heart.COLUMNS, heart.spread_kinds(x)[0], strict=True))
    assert {name for name, value in spread.items() if value} == {"cp 3", "restecg 1"}


# Bankruptcy


@pytest.mark.parametrize("write", [write_arff, write_companies_npz])
def test_companies_are_read_with_their_gaps(tmp_path, write):
    write(tmp_path)
    for years, seed in ((5, 0), (1, 1)):
        x, y = bankruptcy.read_companies(tmp_path, years)
        wanted, labels = companies(200, seed)
        assert np.array_equal(x, wanted, equal_nan=True)
        assert y.tolist() == labels.tolist()


def test_of_the_published_solvent_companies_1500_are_drawn():
    x, y = companies(4000, 0)
    fewer, labels = bankruptcy._fewer(x, y)
    assert np.bincount(labels).tolist() == [1500, 1000]
    assert (labels == (fewer[:, 0] % 4 == 0)).all()
    assert np.array_equal(fewer, bankruptcy._fewer(x, y)[0], equal_nan=True)


def test_a_pair_of_companies_has_no_gap_and_no_outlier(tmp_path):
    write_companies_npz(tmp_path)
    pair = load_pair("five-years->one-year", data_dir=tmp_path)
    assert [part.name for part in pair.domains()][:2] == ["5 years before", "1 year before"]
    assert pair.class_names == ("solvent", "bankrupt")
    assert [len(part) for part in pair.domains()] == [140, 140, 60, 60]
    assert all(np.abs(part.x[:, 1:]).max() < 4 for part in pair.domains())


# Bearings


@pytest.mark.parametrize("write", [write_mat, write_bearings_npz])
def test_spectra_show_fault_and_load(tmp_path, write):
    write(tmp_path)
    windows = bearings.read_windows(tmp_path, 2)
    assert windows.shape == (9, 56, 1024)
    loudest = bearings.log_spectrum(windows[4])[:, :].argmax(1)
    assert {bearings.COLUMNS[k] for k in loudest} == {"2039 Hz"}  # near 5 x 400 + 2 x 20


def test_the_windows_that_judge_are_one_stretch_of_each_recording(tmp_path):
    write_bearings_npz(tmp_path)
    pair = load_pair("load->load", data_dir=tmp_path, source=0, target=3, seed=1)
    assert [len(part) for part in pair.domains()] == [351, 351, 153, 153]
    assert (pair.source.name, pair.target.name, pair.shape) == ("0 hp", "3 hp", (512,))
    assert np.bincount(pair.target.y).tolist() == [39] * 9
    windows = np.arange(9 * 56).reshape(9, 56, 1)
    (train, y), (held, z) = bearings._split(windows, np.random.default_rng(3))
    assert sorted([*train[:, 0], *held[:, 0]]) == list(range(9 * 56))
    assert (train[:, 0] // 56 == y).all()
    assert (held[:, 0] // 56 == z).all()
    first = sorted(held[z == 0, 0])
    assert sum(b - a > 1 for a, b in pairwise(first)) <= 1  # once around the end


def test_a_log_spectrum_is_that_of_a_double_loop():
    windows = np.random.default_rng(0).normal(size=(2, 16))
    hann = [0.5 - 0.5 * np.cos(2 * np.pi * n / 15) for n in range(16)]
    for window, found in zip(windows, bearings.log_spectrum(windows), strict=True):
        for k in range(1, 9):
            total = sum(window[n] * hann[n] * np.exp(-2j * np.pi * k * n / 16) for n in range(16))
            assert found[k - 1] == pytest.approx(np.log10(abs(total) ** 2))


# Tables


def test_gaps_outliers_and_scale_come_from_the_training_part_alone():
    train = np.array([[1.0, np.nan], [3.0, np.nan], [8.0, np.nan]])
    other = np.array([[np.nan, np.nan], [100.0, 2.0]])
    assert filled(train, other)[0].tolist() == [[3, 0], [100, 2]]
    whole = filled(train, train)[0]
    assert clipped(whole, filled(train, other)[0], share=0.5)[0].tolist() == [[3, 0], [3, 0]]
    scaled = standardized(whole, np.array([[4.0, 2.0]]))[0]
    assert scaled == pytest.approx(np.array([[0.0, 2.0]]))
    assert standardized(whole, whole)[0][:, 0].std() == pytest.approx(1)


# Bad input


@pytest.mark.parametrize("pair", SETS)
def test_a_missing_set_names_file_place_and_address(tmp_path, pair):
    name, file = SETS[pair]
    sentence = rf"{name!r} needs the file {re.escape(file)}, and it is not in {re.escape(str(tmp_path))}: get it .* from https://"
    with pytest.raises(MissingSetError, match=sentence):
        load_pair(pair, data_dir=tmp_path)
    with pytest.raises(DownloadError, match=rf"{name!r} must be got by hand.*from https://"):
        fetch(name, tmp_path)
    assert {check.state for check in verify(name, tmp_path)} == {"missing"}


@pytest.mark.parametrize(
    ("pair", "write"),
    [
        ("speaker->speaker", write_spoken_npz),
        ("five-years->one-year", write_companies_npz),
        ("load->load", write_bearings_npz),
    ],
)
def test_a_truncated_npz_is_told_with_the_remedy(tmp_path, pair, write):
    write(tmp_path)
    name = SETS[pair][0]
    assert [check.state for check in verify(name, tmp_path)] == ["readable"]
    assert fetch(name, tmp_path) == tmp_path
    (path,) = tmp_path.glob("*/*.npz")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    sentence = rf"{path.name} of the data set {name!r} must be whole.*move it away and get it again from https://"
    with pytest.raises(BrokenSetError, match=sentence):
        load_pair(pair, data_dir=tmp_path)
    assert [check.state for check in verify(name, tmp_path)] == ["broken"]
    path.unlink()  # the remedy
    write(tmp_path)
    assert load_pair(pair, data_dir=tmp_path)


@pytest.mark.parametrize(
    ("pair", "write", "changed", "said"),
    [
        ("speaker->speaker", write_spoken_npz, {"length": None}, "hold an array 'length'"),
        ("speaker->speaker", write_spoken_npz, {"audio": np.zeros(9)}, "samples, got 9"),
        ("speaker->speaker", write_spoken_npz, {"speaker_names": np.array(list("abcdef"))}, "recordings of george"),
        ("five-years->one-year", write_companies_npz, {"y_1year": None}, "hold an array 'y_1year'"),
        ("five-years->one-year", write_companies_npz, {"x_1year": np.zeros((200, 3))}, "64 ratios"),
        ("five-years->one-year", write_companies_npz, {"y_1year": np.zeros(200, int)}, "of both outcomes"),
        ("load->load", write_bearings_npz, {"scale": None}, "hold an array 'scale'"),
        ("load->load", write_bearings_npz, {"classes": np.array(["a"])}, "classes must be ball 7"),
    ],
)  # fmt: skip
def test_another_edition_is_told_what_it_lacks(tmp_path, pair, write, changed, said):
    write(tmp_path, **changed)
    with pytest.raises(BrokenSetError, match=rf"must be whole.*{said}.*move it away"):
        load_pair(pair, data_dir=tmp_path)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (",".join(["1"] * 13), "14 values in each line, got another number in line 1"),
        (",".join(["1"] * 13 + ["?"]), "each patient must have a num, got none in row 1"),
        (",".join(["old"] * 14), "could not convert string to float: 'old'"),
        ("", "got no line at all"),
    ],
)
def test_a_table_of_patients_that_is_none_is_told_where(tmp_path, line, said):
    write_heart(tmp_path, published=True)
    path = tmp_path / "heart_disease" / "processed.va.data"
    path.write_text(line + "\n", "utf-8")
    with pytest.raises(BrokenSetError, match=rf"processed\.va\.data of .*{said}"):
        load_pair("hospital->hospital", data_dir=tmp_path, target="va")


def test_a_missing_column_is_named(tmp_path):
    write_heart(tmp_path, columns=[c for c in by_hand.HEART_COLUMNS if c != "thalach"])
    with pytest.raises(BrokenSetError, match=r"must have a column 'thalach', got age, sex"):
        load_pair("hospital->hospital", data_dir=tmp_path)


def test_a_recording_that_is_too_short_stereo_or_of_no_drive_end_is_told(tmp_path):
    write_mat(tmp_path)
    path = tmp_path / "bearing_faults" / "187.mat"
    savemat(path, {"X187_DE_time": np.zeros((9, 1))})
    with pytest.raises(BrokenSetError, match=r"187\.mat .*57344 samples, got 9"):
        bearings.read_windows(tmp_path, 2)
    savemat(path, {"X187_FE_time": np.zeros((9, 1))})
    with pytest.raises(BrokenSetError, match=r"one array whose name ends with DE_time"):
        bearings.read_windows(tmp_path, 2)
    write_wav(tmp_path)
    with wave.open(str(tmp_path / "spoken_digits/recordings/0_theo_0.wav"), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(bytes(80))
    with pytest.raises(BrokenSetError, match="one channel of 16 bits, got 2 of 16"):
        load_pair("speaker->speaker", data_dir=tmp_path)


def test_arff_without_its_columns_is_told(tmp_path):
    write_arff(tmp_path)
    path = tmp_path / "bankruptcy" / "5year.arff"
    path.write_text("@data\n1,2,3\n", "utf-8")
    with pytest.raises(BrokenSetError, match=r"lines of 65 values below @data"):
        load_pair("five-years->one-year", data_dir=tmp_path)


@pytest.mark.parametrize(
    ("pair", "options", "said"),
    [
        ("speaker->speaker", {"target": "georg"}, "no target is called 'georg': did you mean 'george'"),
        ("speaker->speaker", {"source": "theo", "target": "theo"}, "different speakers, got 'theo' twice"),
        ("hospital->hospital", {"source": "clevland"}, "no source is called 'clevland': did you mean 'cleveland'"),
        ("hospital->hospital", {"source": "va", "target": "va"}, "different hospitals, got 'va' twice"),
        ("load->load", {"target": 5}, "target must be a whole number between 0 and 3 hp, got 5"),
        ("load->load", {"source": 1, "target": 1}, "different loads, got 1 hp twice"),
    ],
)  # fmt: skip
def test_unknown_speakers_hospitals_and_loads_are_told(tmp_path, pair, options, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        load_pair(pair, data_dir=tmp_path, **options)


# Real data


def test_real_sets_are_as_known(data_root):
    """Logistic regression on each: a speaker who sounds like another, nine faults at one load, hearts ranked beyond chance."""
    from sklearn.linear_model import LogisticRegression

    from tltutor.metrics import roc_auc

    def fit(pair, C):
        x, y = pair.source.x.reshape(len(pair.source), -1), pair.source.y
        model = LogisticRegression(C=C, max_iter=2000).fit(x, y)
        return model.predict_proba(pair.target_test.x.reshape(len(pair.target_test), -1))

    speakers = load_pair("speaker->speaker", source="theo", target="jackson", data_dir=data_root)
    assert [len(part) for part in speakers.domains()] == [112, 112, 48, 48]
    assert 0.5 < (fit(speakers, 0.01).argmax(1) == speakers.target_test.y).mean() < 0.9
    hearts = load_pair("hospital->hospital", target="hungarian", data_dir=data_root)
    assert len(hearts.source) + len(hearts.source_test) == 303
    assert 0.8 < roc_auc(fit(hearts, 0.1), hearts.target_test.y) < 0.97
    firms = load_pair("five-years->one-year", data_dir=data_root)
    assert [len(part) for part in firms.domains()] == [1239, 1337, 573, 532]
    assert 0.68 < roc_auc(fit(firms, 0.1), firms.target_test.y) < 0.88
    motors = load_pair("load->load", data_dir=data_root)
    assert 0.75 < (fit(motors, 0.1).argmax(1) == motors.target_test.y).mean() < 0.98
