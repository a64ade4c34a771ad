"""The benchmark of devices: what it measures, what it leaves out and says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cases import text_package

from benchmarks import gpu
from tltutor.files import MINILM


def test_a_gpu_is_measured_in_both_precisions_and_large_networks_with_frozen_stages() -> None:
    both = gpu.plan(["cuda", "cpu"])
    assert {one["precision"] for one in both if one["device"] == "cuda"} == {"float32", "bf16"}
    assert {one["precision"] for one in both if one["device"] == "cpu"} == {"float32"}
    assert {one["case"] for one in both} == set(gpu.CASES)
    frozen = {one["case"] for one in both if one.get("frozen")}
    assert frozen == set(gpu.CASES) - {"digits, lenet"}


def test_what_cannot_be_measured_says_why_and_the_rest_goes_on(
    tmp_path, monkeypatch, capsys
) -> None:
    def absent():
        raise ValueError("the weights are not here: put them there")

    monkeypatch.setattr(gpu, "CASES", {"absent": (absent, "lenet", {}, 8)})
    assert gpu.main(["--out", str(tmp_path)]) == 0
    [case] = json.loads((tmp_path / "gpu.json").read_text())["cases"]
    assert case["left_out"] == "the weights are not here: put them there"
    assert "put them there" in (tmp_path / "gpu.md").read_text()


def test_sentences_are_word_pieces_and_a_trained_bert_reads_them(data_root: Path) -> None:
    if not (data_root / "text_models" / MINILM / "model.safetensors").is_file():
        pytest.skip(f"no real data: text_models/{MINILM} is not in TLTUTOR_DATA")
    text_package("tokenizers")
    session = gpu.session_of("sentences, bert", "cpu", "float32", frozen=False)
    assert session.network.feature_width == 384
    assert session.values["freeze_depth"] == 0


@pytest.mark.slow
def test_the_digits_are_measured_with_and_without_the_map() -> None:
    found = gpu.measure("digits, lenet", "cpu", "float32")
    assert found["steps_per_s"] > 0
    assert found["with_map"]["steps_per_s"] > 0
    assert found["with_map"]["layouts_per_s"] > 0
    assert "peak_mib" not in found
