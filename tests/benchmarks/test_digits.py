"""The digits' benchmark: the plan leaves no method out, a stopped run goes on, Dask gives the same numbers, marks and tables tell."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from cases import for_each
from scipy import stats

from benchmarks import digits, givens, plan, report, results
from benchmarks.ledger import Ledger
from benchmarks.plan import GIVEN, PLAIN, Case, Row, Run
from tltutor.domains import Domain, DomainPair
from tltutor.evaluation import comparison
from tltutor.experiment import Experiment
from tltutor.experiment import experiment as experiments
from tltutor.experiment.experiment import SOURCE_ONLY
from tltutor.objectives import DANN, OBJECTIVES, SourceOnly

TINY_RUN = Experiment(
    "digits->shifted-digits",
    "source-only",
    "lenet",
    pair_options={"size": 16},
    network_options={"channels": (4, 6), "width": 8},
    session_options={
        "steps": 2,
        "batch_size": 8,
        "lr": 0.02,
        "batchnorm": "separate",
        "device": "cpu",
    },
)
TINY = Case(TINY_RUN, (0, 1))


def changed(case, **options):
    """The case with other options of its experiment, by the name of their group."""
    groups = {name: {**getattr(case.experiment, name), **new} for name, new in options.items()}
    return replace(case, experiment=replace(case.experiment, **groups))


@pytest.fixture
def tiny(monkeypatch):
    """A plan of one small case with the rows of the real pairs."""
    monkeypatch.setattr(plan, "CASES", (TINY,))
    monkeypatch.setattr(plan, "ROWS", (*map(Row, (SOURCE_ONLY, "dann")), *plan.ROWS[:0]))
    monkeypatch.setattr(
        plan, "OBJECTIVES", {name: OBJECTIVES[name] for name in (SOURCE_ONLY, "dann")}
    )


@pytest.fixture
def one_thread():
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


def same(one, other):
    assert one.keys() == other.keys()
    return all(torch.equal(value, other[name]) for name, value in one.items())


# --- the plan


def test_every_method_is_measured_on_every_embedded_pair_with_five_seeds():
    found = {(run.case.pair, run.row.method, run.seed) for run in plan.runs() if run.case.embedded}
    pairs = ("digits->photo-digits", "printed->digits", "digits->shifted-digits")
    assert found == {
        (p, m, s) for p in pairs for m in (*OBJECTIVES, comparison.CEILING) for s in range(5)
    }


def test_the_real_pairs_have_what_is_promised_with_three_seeds():
    found = {
        (run.case.pair, run.row.method, run.seed) for run in plan.runs() if not run.case.embedded
    }
    methods = (
        "source-only",
        "target-only",
        "dann",
        "cdan",
        "dan",
        "coral",
        "mcc",
        plan.SELF_TRAINING,
    )
    pairs = ("mnist->usps", "usps->mnist", "mnist->mnist-m")
    statistics = {
        (p, comparison.TARGET_STATISTICS, s) for p in pairs[:2] for s in range(3)
    }  # the third network has no BatchNorm
    assert found == {(p, m, s) for p in pairs for m in methods for s in range(3)} | statistics


def test_target_statistics_are_a_row_wherever_the_network_has_batchnorm_and_the_baseline_of_the_others():
    own, without = (
        Row(comparison.TARGET_STATISTICS),
        changed(TINY, network_options={"batchnorm": False}),
    )
    for case in (*plan.cases(), without):
        rows = plan.rows_of(case)
        assert (own in rows) == case.settings["network_options"]["batchnorm"] == case.has_batchnorm
        assert Row("dann").base(case) == (own if case.has_batchnorm else Row(SOURCE_ONLY))
        assert own.base(case) == Row(SOURCE_ONLY).base(case) == Row(SOURCE_ONLY)
    few = "half the classes"
    assert Row("pada", few).base(TINY) == Row(own.method, few)
    assert [case.name for case in plan.cases() if not case.has_batchnorm] == [
        "`mnist->usps`, no BatchNorm",
        "`mnist->mnist-m`",
        "`mnist->mnist-m`, longer, seed 0",
    ]


def test_a_new_method_finds_its_place_by_what_its_class_declares(monkeypatch):
    class New(DANN):
        name = "brand-new"

    class Taught(New):
        name, made_for = "brand-new-taught", "a teacher"

    monkeypatch.setattr(plan, "OBJECTIVES", {**OBJECTIVES, New.name: New, Taught.name: Taught})
    assert {Row("brand-new"), Row("brand-new-taught", "teacher")} < set(plan.all_rows())


def test_what_each_method_is_given_is_as_its_paper_has_it():
    given = {
        name: plan.given_of(cls) for name, cls in OBJECTIVES.items() if plan.given_of(cls) != PLAIN
    }
    assert given == {
        **dict.fromkeys(("adabn", "tent", "shot"), "start"),
        **dict.fromkeys(("fine-tune", "l2-sp", "bss", "delta"), "labels after"),
        **dict.fromkeys(("distillation", "fitnets", "attention", "rkd"), "teacher"),
        **dict.fromkeys(("mme", "shared-trunk"), "labels beside"),
        "m3sda": "two sources",
        "pada": "half the classes",
    }


def test_the_embedded_pairs_come_first_and_seed_by_seed():
    order = list(plan.runs())
    embedded = [run for run in order if run.case.embedded]
    assert order[: len(embedded)] == embedded
    assert [run.seed for run in embedded] == sorted(run.seed for run in embedded)


def test_what_a_method_is_given_is_what_it_uses():
    for_each(plan.ROWS, what_a_method_is_given_is_what_it_uses)


def what_a_method_is_given_is_what_it_uses(row):
    uses = OBJECTIVES[SOURCE_ONLY if row.method == comparison.CEILING else row.method].batches
    assert ("labeled" in uses) == row.given.startswith("labels")
    assert ("source" not in uses) == (row.given in {"start", "labels after"}), (
        "without the source it goes on from a trained network"
    )
    assert row.base(TINY) in plan.ROWS


# --- keys


def test_a_changed_default_touches_its_own_method_alone(monkeypatch):
    before = {run: run.key for run in plan.runs()}
    monkeypatch.setattr(
        DANN, "settings", (replace(DANN.settings[0], default=9.0), *DANN.settings[1:])
    )
    assert {run.row.method for run, key in before.items() if run.key != key} == {"dann"}


def test_a_raised_version_touches_all_methods_or_its_own_and_its_ceiling(monkeypatch):
    before = {run: run.key for run in plan.runs()}
    monkeypatch.setattr(plan, "VERSIONS", {**plan.VERSIONS, "source-only": 99})
    touched = {run.row.method for run, key in before.items() if run.key != key}
    assert touched == {"source-only", "target-only"}, (
        "the ceiling is source-only on the target's labels"
    )
    monkeypatch.setattr(plan, "VERSION", plan.VERSION + 1)
    assert all(run.key != key for run, key in before.items())


def test_a_changed_case_touches_its_own_pair_alone_and_a_remark_touches_nothing():
    run = Run(TINY, Row("dann"), 0)
    assert replace(run, case=replace(TINY, why="another remark", seeds=(7,))).key == run.key
    for change in (
        {"session_options": {"lr": 0.3}},
        {"session_options": {"steps": 3}},
        {"pair_options": {"size": 18}},
        {"network_options": {"width": 9}},
    ):
        assert replace(run, case=changed(TINY, **change)).key != run.key
    assert replace(run, seed=1).key != run.key
    assert replace(run, row=Row("dann", "half the classes")).key != run.key


def test_another_teacher_is_another_measurement(monkeypatch):
    run = Run(TINY, Row("rkd", "teacher"), 0)
    before = run.key
    monkeypatch.setitem(GIVEN, "teacher", replace(GIVEN["teacher"], teacher=(64, 64)))
    assert run.key != before


def test_the_key_names_the_statistics_that_a_run_is_judged_with():
    without = changed(TINY, network_options={"batchnorm": False})
    modes = {
        m: Run(TINY, Row(m), 0).key["batchnorm"]
        for m in (SOURCE_ONLY, comparison.TARGET_STATISTICS, "dann", comparison.CEILING)
    }
    assert modes == {
        SOURCE_ONLY: "source",
        comparison.TARGET_STATISTICS: "separate",
        "dann": "separate",
        comparison.CEILING: "source",
    }
    assert Run(without, Row(SOURCE_ONLY), 0).key["batchnorm"] == "separate", (
        "where there are none, nothing changes"
    )


# --- what methods are given


def image_pair(n=40):
    rng = np.random.default_rng(0)
    parts = [
        Domain(name, rng.integers(0, 255, (n, 1, 16, 16), dtype=np.uint8), np.arange(n) % 10)
        for name in "stab"
    ]
    return DomainPair(parts[0], parts[1], target_test=parts[2], source_test=parts[3])


def test_two_sources_are_halves_without_a_common_example_and_the_second_is_faded():
    pair = image_pair()
    source = givens.two_sources(pair, seed=3).source
    assert np.array_equal(source.domain_id, np.repeat([0, 1], 20))
    assert np.array_equal(source.y, pair.source.y)
    assert np.array_equal(source.x[:20], pair.source.x[:20] / np.float32(255))
    faded, whole = source.x[20:], pair.source.x / np.float32(255)
    assert faded.std() < 0.7 * whole.std()
    assert (
        np.corrcoef(faded.ravel(), whole[20:].ravel())[0, 1]
        > 0.2
        > abs(np.corrcoef(faded.ravel(), whole[:20].ravel())[0, 1])
    )


def test_half_the_classes_leaves_the_source_whole():
    pair = image_pair()
    half = givens.half_the_classes(pair, seed=0)
    assert half.source is pair.source
    for part in ("target", "target_test"):
        whole, few = getattr(pair, part), getattr(half, part)
        assert np.array_equal(few.x, whole.x[whole.y < 5])
        assert set(few.y) == set(range(5))
    with pytest.raises(ValueError, match="needs labels, got none"):
        givens.half_the_classes(replace(pair, target=pair.target.without_labels()), seed=0)


@pytest.fixture
def begun(monkeypatch, one_thread):
    """What each session of a measurement began with: weights and objective."""
    seen = []

    class Watched(experiments.Session):
        def __init__(self, pair, network, objective, **options):
            seen.append(
                ({name: value.clone() for name, value in network.state_dict().items()}, objective)
            )
            super().__init__(pair, network, objective, **options)

    monkeypatch.setattr(experiments, "Session", Watched)
    return seen


@pytest.mark.parametrize("row", [Row("tent", "start"), Row("l2-sp", "labels after")])
def test_those_that_go_on_begin_with_what_source_only_left(begun, row):
    digits.measure(Run(TINY, row, 0))
    *_, (weights, _) = begun
    assert same(weights, digits.trained(TINY, 0).state_dict())


def test_a_teacher_is_wider_and_trained_and_the_student_starts_anew(begun):
    digits.trained.cache_clear()
    digits.measure(Run(TINY, Row("rkd", "teacher"), 0))
    digits.measure(Run(TINY, Row("source-only"), 0))
    _, (student, objective), (plain, _) = begun  # the first trained the teacher
    teacher = objective.teacher.require_network()
    assert teacher.options["channels"] == GIVEN["teacher"].teacher
    assert same(
        teacher.state_dict(), digits.trained(TINY, 0, GIVEN["teacher"].teacher).state_dict()
    )
    assert same(student, plain), "the student is source-only's network"


BLIND = [
    row
    for row in plan.ROWS
    if row.method != comparison.CEILING and row.given in {PLAIN, "start", "teacher", "two sources"}
]


@pytest.mark.parametrize("row", BLIND, ids=lambda row: f"{row.method}, {row.given}")
def test_no_target_label_reaches_training_or_a_choice(monkeypatch, one_thread, row):
    """The same run without the target's labels, and judged by wrong ones, ends with the same weights."""
    whole = digits.loaded(TINY, 0)
    wrong = replace(whole.target_test, y=(whole.target_test.y + 1) % 10)
    blind = replace(whole, target=whole.target.without_labels(), target_test=wrong)
    one, other = (ended(monkeypatch, row, pair) for pair in (whole, blind))
    assert same(one, other)


def ended(monkeypatch, row, pair):
    """The weights at the end of a measurement on this pair."""
    build, built = experiments.build_network, []
    with monkeypatch.context() as patch:
        patch.setattr(digits, "loaded", lambda *_: pair)
        patch.setattr(
            experiments, "build_network", lambda *a, **k: built.append(build(*a, **k)) or built[-1]
        )
        digits.trained.cache_clear()
        digits.measure(Run(TINY, row, 0))
        digits.trained.cache_clear()
    return built[-1].state_dict()


# --- going on, processes, Dask


def call(tmp_path, *words):
    digits.main(["--ledger", str(tmp_path / "ledger.jsonl"), "--out", str(tmp_path), *words])
    return json.loads((tmp_path / "results.json").read_text("utf-8"))


def test_a_stopped_run_goes_on_and_measures_nothing_twice(tiny, monkeypatch, tmp_path):
    done = []

    def measure(run):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(run)
        return {"target_accuracy": 0.5 + run.seed / 10, "core_seconds": 1.0}

    monkeypatch.setattr(digits, "measure", measure)
    with pytest.raises(KeyboardInterrupt):
        call(tmp_path)
    assert json.loads((tmp_path / "results.json").read_text("utf-8"))["measured_runs"] == 3, (
        "what was finished is told"
    )
    monkeypatch.setattr(digits, "measure", lambda run: done.append(run) or {"target_accuracy": 0.1})
    result = call(tmp_path)
    assert len(done) == len(set(done)) == 4 == result["measured_runs"] == result["planned_runs"]
    call(tmp_path)
    assert len(done) == 4
    monkeypatch.setattr(
        DANN, "settings", (replace(DANN.settings[0], default=9.0), *DANN.settings[1:])
    )
    call(tmp_path)
    assert [run.row.method for run in done[4:]] == ["dann", "dann"], (
        "a changed default re-runs what it touches"
    )


def test_words_choose_a_part(tiny, monkeypatch, tmp_path):
    done = []
    monkeypatch.setattr(digits, "measure", lambda run: done.append(run) or {"target_accuracy": 0.1})
    call(tmp_path, "--write")
    assert done == []
    call(tmp_path, "--method", "dann", "--seed", "1")
    assert done == [Run(TINY, Row("dann"), 1)]


def test_a_run_that_diverges_is_told_and_not_counted(tiny, monkeypatch, tmp_path, one_thread):
    wild = changed(
        replace(TINY, seeds=(0,)),
        session_options={"lr": 1.0, "steps": 60},
        network_options={"batchnorm": False},
    )
    monkeypatch.setattr(plan, "CASES", (wild,))

    def broken(self, batch):
        return {"task": batch.zs.sum() * float("nan")}

    monkeypatch.setattr(SourceOnly, "forward", broken)
    result = call(tmp_path, "--method", "source-only")
    row = result["cases"][0]["rows"][0]
    assert "every loss must be finite" in row["failed"]["0"]
    assert "target_accuracy" not in row
    assert "1 failed" in (tmp_path / "results.md").read_text("utf-8")


def without_time(path):
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
    return [
        {
            **line,
            "found": {
                name: value for name, value in line["found"].items() if name != "core_seconds"
            },
        }
        for line in lines
    ]


@pytest.mark.slow
def test_a_local_dask_cluster_gives_the_numbers_of_one_process(
    tiny, monkeypatch, tmp_path, one_thread
):
    distributed = pytest.importorskip("dask.distributed")
    call(tmp_path / "here", "--seed", "0")
    monkeypatch.setattr(comparison, "train", None)  # here nothing can be trained any more
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as cluster:
        call(
            tmp_path / "there",
            "--seed",
            "0",
            "--backend",
            "dask",
            "--scheduler",
            cluster.scheduler_address,
        )
    here, there = (without_time(tmp_path / where / "ledger.jsonl") for where in ("here", "there"))
    assert here == there
    assert len(here) == 2


@pytest.mark.slow
def test_two_processes_give_the_numbers_of_one(tiny, monkeypatch, tmp_path, one_thread):
    call(tmp_path / "here", "--seed", "0")
    monkeypatch.setattr(comparison, "train", None)
    call(tmp_path / "there", "--seed", "0", "--jobs", "2")
    here, there = (without_time(tmp_path / where / "ledger.jsonl") for where in ("here", "there"))
    assert here == there


# --- marks and tables


@pytest.mark.parametrize(
    ("difference", "p", "word"),
    [
        (-0.06, 0.9, "far below"),
        (-0.05, 0.01, "below"),
        (-0.001, None, "below"),
        (0.0, None, ""),
        (0.1, 0.05, ""),
        (0.1, 0.049, "above"),
        (0.1, None, ""),
    ],
)
def test_marks(difference, p, word):
    assert results.mark(difference, p) == word


def test_the_difference_is_paired_by_seed_and_tested():
    found = {
        0: {"target_accuracy": 0.6},
        1: {"target_accuracy": 0.8},
        2: {"target_accuracy": 0.75},
        5: {"target_accuracy": 0.0},
    }
    base = {
        0: {"target_accuracy": 0.5},
        1: {"target_accuracy": 0.6},
        2: {"target_accuracy": 0.7},
        3: {"failed": "no"},
    }
    told = results.against(found, base)["against"]
    d = np.array([0.1, 0.2, 0.05])
    assert told["seeds"] == [0, 1, 2]
    assert told["difference"] == pytest.approx(d.mean())
    t = d.mean() / (d.std(ddof=1) / np.sqrt(3))
    assert told["p"] == pytest.approx(2 * stats.t.sf(t, 2))
    assert results.against(base, base) == {}
    assert results.against({0: {"failed": "no"}}, base) == {}
    assert (
        results.against({0: base[0], 1: {"target_accuracy": 0.7}}, base)["against"]["p"] is None
    ), "two seeds are too few"


def fake(tmp_path, numbers, case=TINY):
    ledger = Ledger(tmp_path / "fake.jsonl", {})
    for row, values in numbers.items():
        for seed, value in zip(case.seeds, values, strict=False):
            ledger.measure(
                Run(case, row, seed).key,
                lambda value=value: {"target_accuracy": value, "core_seconds": 2.0},
            )
    return ledger


def test_what_lies_below_source_only_is_marked_and_listed(monkeypatch, tmp_path):
    case = replace(TINY, seeds=(0, 1, 2))
    other = replace(case, experiment=replace(TINY_RUN, pair="printed->digits"))
    monkeypatch.setattr(plan, "CASES", (case, other))
    base, far, low, high = Row(comparison.TARGET_STATISTICS), Row("afn"), Row("cmd"), Row("mcc")
    few = (
        Row(base.method, "half the classes"),
        Row("pada", "half the classes"),
        Row("dann", "half the classes"),
    )
    first = {
        base: (0.6, 0.62, 0.628),
        far: (0.5, 0.52),
        low: (0.5, 0.52),
        high: (0.7, 0.7201, 0.73),
        Row("bnm"): (0.6, 0.63, 0.62),
    } | dict(zip(few, ((0.4,), (0.5,), (0.1,)), strict=True))
    ledger = fake(tmp_path, first, case)
    fake(tmp_path, {base: (0.6, 0.62), far: (0.5,), low: (0.59, 0.61)}, other)
    result = results.collect(Ledger(ledger.path, {}))
    assert results.far_below_everywhere(result) == ["afn"]
    assert results.above_nowhere(result) == ["bnm"], (
        "the others have two seeds, or none, or are above"
    )
    assert not set(results.WHY) - set(plan.OBJECTIVES)
    monkeypatch.setitem(results.WHY, "bnm", "it rained.")
    assert "- `bnm`: it rained.\n" in results.as_text(result)
    lines = {
        tuple(line.split(" | ")[:2]): line
        for line in results.as_text(result).splitlines()
        if line.startswith("| `")
    }
    assert ".510 ± .014 ▼▼ (2) | .500 ▼▼ (1)" in lines["| `afn`", ""]
    assert ".510 ± .014 ▼▼ (2) | .600 ± .014 ▼ (2)" in lines["| `cmd`", ""]
    assert ".717 ± .015 ▲ |" in lines["| `mcc`", ""]
    assert "▼" not in lines["| `pada`", "half the classes"], (
        "held against source-only on its own pair"
    )
    assert "▼▼" in lines["| `dann`", "half the classes"]
    assert "dann" not in results.own_rows(result), "beside another method it is shown, not judged"


def test_all_that_is_missing_is_said(monkeypatch, tmp_path):
    real = replace(TINY, experiment=replace(TINY_RUN, pair="mnist->usps", pair_options={}))
    monkeypatch.setattr(plan, "CASES", (TINY, real))
    result = results.collect(Ledger(tmp_path / "none.jsonl", {}))
    text = results.as_text(result)
    assert f"**0 of {result['planned_runs']} runs are measured**" in text
    ran = {row["method"] for row in result["cases"][1]["rows"]}
    assert ran | set(result["cases"][1]["not_run"]) >= set(OBJECTIVES)
    assert all(f"`{method}`" in text for method in OBJECTIVES)


def test_the_committed_tables_are_made_of_the_committed_numbers():
    result = json.loads((report.DOCS / "results.json").read_text("utf-8"))
    assert (report.DOCS / "results.md").read_text("utf-8") == results.as_text(
        result
    ).rstrip() + "\n"


def test_the_page_of_measurements_says_what_was_measured():
    result = json.loads((report.DOCS / "results.json").read_text("utf-8"))
    lines = (report.DOCS / "measured.md").read_text("utf-8").splitlines()
    said = [line for line in lines if line.startswith("| `") and "->" in line]
    methods = (SOURCE_ONLY, comparison.TARGET_STATISTICS, "dann", "cdan", "mcc", comparison.CEILING)
    found = {
        case["name"]: {row["method"]: row for row in case["rows"]}
        for case in result["cases"]
        if not case["embedded"] and len(case["seeds"]) > 1
    }

    def cell(row):
        seeds = len(row["seeds"]) if row else 0
        missing = f" ({seeds})" if row and 0 < seeds < len(row["planned_seeds"]) else ""
        return report.cell(row and row.get("target_accuracy")) + missing

    measured = [
        [name, *(cell(by_method.get(method)) for method in methods)]
        for name, by_method in found.items()
    ]
    assert said == ["| " + " | ".join(row) + " |" for row in measured]
    of_the_paper = {
        method: row["target_accuracy"]["mean"] for method, row in found["`mnist->mnist-m`"].items()
    }
    assert of_the_paper["dann"] - 0.767 == pytest.approx(-0.05, abs=0.005)
    assert of_the_paper["dann"] > of_the_paper[SOURCE_ONLY] > of_the_paper["mcc"]
