"""Walks over all public formulas: what they refuse and what helps, and that they keep their precision on hard features."""

import importlib
import inspect
import math
import pkgutil
import traceback
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from test_objectives import make_batch
from torch import nn

import tltutor.objectives as room
from tltutor.objectives import DAN, MMD
from tltutor.objectives.checks import check_features, check_labels

HOME = str(Path(room.__file__).parent)


def sample(*shape, seed=0, shift=0.0):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=shape) + shift).float()


def critic():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))


XS, XT, Z, Z2 = (
    sample(4, 3),
    sample(5, 3, seed=1, shift=0.5),
    sample(4, 3, seed=2),
    sample(4, 3, seed=3),
)
Y, INDEX = torch.tensor([0, 2, 1, 0]), torch.tensor([[0, 1, 2], [1, 1, 0]])
H, H0 = sample(4, 2, 3, 3, seed=4), sample(4, 2, 3, 3, seed=5)
D2 = torch.cdist(XS, XS).square()
K = torch.exp(-torch.cdist(torch.cat([XS, XT]), torch.cat([XS, XT])))
IMAGES = torch.rand(4, 1, 6, 6, generator=torch.Generator().manual_seed(0))
ONE = torch.ones(4, 1, 1, 1) / 10

FORMULAS = {  # module.function: valid arguments by name; the formulas' own names for them
    "afn.hard_norm": {"f": XS, "R": 2.0},
    "afn.stepwise_norm": {"f": XS, "step": 1.0},
    "attention.attention_loss": {"a_s": H, "a_t": H0},
    "attention.attention_map": {"a": H},
    "augmentation.adjust_color": {"x": IMAGES, "contrast": ONE, "brightness": ONE},
    "augmentation.cut_out": {"x": IMAGES, "share": 0.5},
    "augmentation.jitter": {"x": XS, "scale": 0.1},
    "augmentation.scaled": {"x": IMAGES},
    "augmentation.strong": {"x": IMAGES, "strength": 0.5},
    "augmentation.warp": {"x": IMAGES, "shift": torch.zeros(4, 2)},
    "augmentation.weak": {"x": IMAGES},
    "bnm.batch_nuclear_norm": {"z": Z},
    "bss.spectral_shrinkage": {"f": XS},
    "cdan.multilinear": {"f": XS, "g": Z.softmax(1)},
    "cdan.random_multilinear": {
        "f": XS,
        "g": Z.softmax(1),
        "R_f": sample(3, 8),
        "R_g": sample(3, 8, seed=1),
    },
    "channels.channel_weights": {"without": XS[0], "loss": torch.tensor(0.5)},
    "cmd.cmd": {"fs": XS, "ft": XT, "K": 3},
    "coral.coral_distance": {"fs": XS, "ft": XT},
    "coral.covariance": {"f": XS},
    "dann.domain_loss": {"logit": XS[:, :1], "n_s": 2},
    "dann.reverse_gradient": {"x": XS, "weight": 1.0},
    "dann.target_probability": {"logit": XS[:, :1]},
    "deep_jdot.transport_plan": {"C": K[:4, 4:]},
    "delta.behavior": {"h": H, "h0": H0, "w": torch.ones(2) / 2},
    "distill.distillation_loss": {"student_logits": Z, "teacher_logits": Z2, "temperature": 2.0},
    "entropy.entropy": {"z": Z},
    "entropy.entropy_weights": {"z": Z},
    "fitnets.hint_loss": {"regressed": H, "hint": H0},
    "gradual.confidence_floor": {"z": Z, "dropped": 0.3},
    "homm.bounded": {"f": XS},
    "homm.moment_difference": {"fs": XS, "ft": XT, "index": INDEX},
    "homm.moment_entries": {"f": XS, "index": INDEX},
    "jan.joint_kernel": {"f": XS, "g": Z.softmax(1), "kernels": 3},
    "kernels.gaussian_kernel": {"d2": D2, "widths": [1.0]},
    "kernels.kernel_of_widths": {"x": XS, "count": 3},
    "kernels.median_distance": {"d2": D2},
    "kernels.squared_distances": {"x": XS},
    "lmmd.local_mmd2": {"k": K, "ys": Y, "pt": sample(5, 3).softmax(1)},
    "lmmd.shares": {"y": Z.softmax(1)},
    "log_coral.log_coral_distance": {"fs": XS, "ft": XT, "ridge": 0.1},
    "log_coral.matrix_log": {"C": K},
    "m3sda.moment_distance": {"sources": [XS, XT], "ft": Z},
    "mcc.class_confusion": {"zt": Z, "T": 2.0},
    "mcd.discrepancy": {"z1": Z, "z2": Z2},
    "mdd.disparity": {
        "adversary_s": Z,
        "adversary_t": XT,
        "head_s": Z2,
        "head_t": XT,
        "margin": 2.0,
    },
    "mdd.log_otherwise": {"z": Z, "y": Y},
    "mean_teacher.add_noise": {"x": IMAGES, "noise": 0.1},
    "mean_teacher.consistency": {"z_s": Z, "z_t": Z2, "confidence": 0.5},
    "mmd.mmd2": {"xs": XS, "xt": XT, "widths": [1.0]},
    "mmd.mmd2_of_kernel": {"k": K, "n_s": 4},
    "multi_task.uncertainty_weighted": {
        "loss": torch.tensor(0.5),
        "s": torch.tensor(0.1),
        "kind": "regression",
    },
    "importance.weighted_loss": {"z": Z, "y": Y, "weights": torch.ones(4)},
    "pada.class_weights": {"share": XS[0].abs()},
    "pada.weighted_task": {"z": Z, "y": Y, "w": torch.ones(3)},
    "pseudo_labels.confident_predictions": {"z": Z, "threshold": 0.5},
    "pseudo_labels.pseudo_label_loss": {"z": Z, "y": Y, "confident": Y > 0},
    "rkd.angle_loss": {"f_s": Z, "f_t": Z2},
    "rkd.angles": {"f": XS},
    "rkd.distance_loss": {"f_s": Z, "f_t": Z2},
    "rkd.distances": {"f": XS},
    "shot.class_centers": {"f": XS, "p": Z.softmax(1)},
    "shot.information_loss": {"zt": Z},
    "shot.label_loss": {"z": Z, "y": Y},
    "shot.nearest_centers": {"f": XS, "centers": XT},
    "two_level_dann.disagreement": {"z_cells": Z, "z_regions": Z2},
    "two_level_dann.part_loss": {"z": Z, "n_s": 2},
    "wdgrl.gradient_penalty": {"critic": critic(), "f": XS},
    "wdgrl.points_between": {"fs": XS, "ft": XT},
    "wdgrl.wasserstein": {"critic": critic(), "fs": XS, "ft": XT},
}
INSIDE = {  # not for people: they take what a session or another function of the room has made
    "channels.linear_probe",
    "channels.losses_without",
    "channels.useful_channels",
    "dan.last_layers",
    "fitnets.middle_stage",
    "kernels.check_widths",
    "l2sp.l2_sp",
    "multi_task.reconstructed",
    "tokens.counts",
    "tokens.hide",
}
SMALL = {
    "contrast",
    "brightness",
    "shift",
    "w",
    "weights",
    "index",
    "confident",
}  # arguments beside the features, broadcast by shape


def find(name):
    module, function = name.split(".")
    return getattr(importlib.import_module(f"{room.__name__}.{module}"), function)


def call(name, arguments):
    torch.manual_seed(0)
    return find(name)(**arguments)


def test_the_walks_leave_no_formula_out():
    found = set()
    for file in pkgutil.iter_modules(room.__path__):
        module = importlib.import_module(f"{room.__name__}.{file.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                takes = [str(p.annotation) for p in inspect.signature(function).parameters.values()]
                if any("Tensor" in annotation for annotation in takes):
                    found.add(f"{file.name}.{name}")
    assert (
        found - {name for name in found if name.startswith("checks.")} == FORMULAS.keys() | INSIDE
    )


# --- what is refused, and that the remedy helps


def refusal(name, arguments):
    """The sentence with which the room itself refuses these arguments."""
    with pytest.raises((TypeError, ValueError)) as caught:
        call(name, arguments)
    assert traceback.extract_tb(caught.tb)[-1].filename.startswith(HOME), (
        f"{name}: not our own words: {caught.value}"
    )
    assert " must " in str(caught.value), name
    return str(caught.value)


def follow(sentence, arguments):
    """The arguments after the remedy that the sentence ends with."""
    argument = sentence.split(" must ")[0]
    code = sentence.rpartition(": ")[2]
    value = eval(code, {"torch": torch, argument.split("[")[0]: arguments[argument.split("[")[0]]})  # noqa: S307
    if "[" not in argument:
        return arguments | {argument: value}
    whole, _, place = argument.rstrip("]").partition("[")
    return arguments | {
        whole: [value if i == int(place) else one for i, one in enumerate(arguments[whole])]
    }


def tensors(arguments):
    """The names of the arguments that are tensors of floats, but for those that are broadcast."""
    return [
        n
        for n, v in arguments.items()
        if isinstance(v, torch.Tensor) and v.is_floating_point() and n not in SMALL
    ]


def converted(arguments, convert):
    return {
        n: convert(v) if n in tensors(arguments) else [*map(convert, v)] if n == "sources" else v
        for n, v in arguments.items()
    }


ABNORMAL = {
    "arrays": lambda x: x.numpy().astype(np.float64),
    "lists": lambda x: x.tolist(),
    "whole numbers": lambda x: x.long(),
    "arrays of whole numbers": lambda x: x.long().numpy(),
}


@pytest.mark.parametrize("kind", ABNORMAL)
def test_what_is_no_float_tensor_is_refused_and_the_remedy_works(kind):
    for name, valid in FORMULAS.items():
        arguments = converted(valid, ABNORMAL[kind])
        for _ in range(6):
            arguments = follow(refusal(name, arguments), arguments)
            try:
                result = call(name, arguments)
            except (TypeError, ValueError):
                continue
            break
        else:
            raise AssertionError(f"{name}: its remedies lead nowhere")
        whole = {
            n: v.long().float() if "whole" in kind else v
            for n, v in valid.items()
            if n in tensors(valid)
        }
        whole |= (
            {"sources": [s.long().float() if "whole" in kind else s for s in valid["sources"]]}
            if "sources" in valid
            else {}
        )
        wanted = call(name, valid | whole)
        for one, other in zip(
            *([r] if isinstance(r, torch.Tensor) else r for r in (result, wanted)), strict=True
        ):
            torch.testing.assert_close(one, other, equal_nan=True)


def test_a_row_or_a_number_alone_is_refused_with_a_remedy_that_makes_a_sample():
    for name, valid in FORMULAS.items():
        for argument in tensors(valid):
            if valid[argument].ndim < 2 or name == "dann.reverse_gradient":
                continue
            for flat in (
                valid[argument].flatten(),
                valid[argument].flatten()[0],
                valid[argument].flatten().tolist(),
            ):
                arguments = valid | {argument: flat}
                sentence = refusal(name, arguments)
                assert sentence.startswith(f"{argument} must be a tensor (n, "), name
                mended = follow(sentence, arguments)[argument]
                assert mended.is_floating_point()
                assert mended.ndim >= 2
    sentence = refusal("coral.covariance", {"f": H})
    assert "got Tensor (4, 2, 3, 3)" in sentence
    assert follow(sentence, {"f": H})["f"].shape == (4, 18)


def test_nothing_is_refused_where_at_least_one_example_is_needed():
    for name, valid in FORMULAS.items():
        for argument in tensors(valid):
            if valid[argument].ndim >= 2:
                assert "at least 1 example" in refusal(
                    name, valid | {argument: valid[argument][:0]}
                ), name


def test_lists_of_rows_and_tables_have_a_remedy_of_their_own():
    pandas = pytest.importorskip("pandas")
    for fs in (list(XS), tuple(XS.unbind()), pandas.DataFrame(XS.numpy())):
        arguments = {"fs": fs, "ft": XT}
        mended = follow(refusal("coral.coral_distance", arguments), arguments)
        torch.testing.assert_close(
            call("coral.coral_distance", mended), call("coral.coral_distance", {"fs": XS, "ft": XT})
        )


LABELS = {
    name: label
    for name, valid in FORMULAS.items()
    for label in ("y", "ys")
    if valid.get(label) is Y
}


def test_labels_of_another_kind_are_refused_and_the_remedy_works():
    assert len(LABELS) == 6
    for name, label in LABELS.items():
        valid = FORMULAS[name]
        one_hot = torch.eye(3)[Y]
        for bad in (Y.numpy(), Y.tolist(), Y.float(), Y.int(), Y[:, None], one_hot):
            arguments = valid | {label: bad}
            sentence = refusal(name, arguments)
            assert sentence.startswith(f"{label} must be a tensor (n,) of class numbers"), name
            torch.testing.assert_close(call(name, follow(sentence, arguments)), call(name, valid))
        assert "one row per example" in refusal(name, valid | {label: Y[:2]})


PAIRED = {  # arguments that belong together row by row
    "attention.attention_loss": "a_t",
    "cdan.multilinear": "g",
    "cdan.random_multilinear": "g",
    "delta.behavior": "h0",
    "distill.distillation_loss": "teacher_logits",
    "fitnets.hint_loss": "hint",
    "jan.joint_kernel": "g",
    "mcd.discrepancy": "z2",
    "mdd.disparity": "head_s",
    "mean_teacher.consistency": "z_t",
    "rkd.angle_loss": "f_t",
    "shot.class_centers": "p",
    "two_level_dann.disagreement": "z_regions",
    "rkd.distance_loss": "f_t",
}


def test_one_row_is_not_stretched_to_many():
    for name, argument in PAIRED.items():
        valid = FORMULAS[name]
        assert "one row per example" in refusal(name, valid | {argument: valid[argument][:1]}), name


WIDTHS = {  # arguments that must have one width with another
    "cmd.cmd": "ft",
    "coral.coral_distance": "ft",
    "delta.behavior": "h0",
    "distill.distillation_loss": "teacher_logits",
    "fitnets.hint_loss": "hint",
    "homm.moment_difference": "ft",
    "log_coral.log_coral_distance": "ft",
    "m3sda.moment_distance": "ft",
    "mcd.discrepancy": "z2",
    "mdd.disparity": "adversary_t",
    "mean_teacher.consistency": "z_t",
    "mmd.mmd2": "xt",
    "wdgrl.points_between": "ft",
    "wdgrl.wasserstein": "ft",
}


def test_one_column_is_not_stretched_to_many():
    for name, argument in WIDTHS.items():
        valid = FORMULAS[name]
        assert "one width, got" in refusal(name, valid | {argument: valid[argument][:, :1]}), name


def test_a_width_alone_is_refused_with_the_list_to_write():
    for name in ("mmd.mmd2", "kernels.gaussian_kernel"):
        for widths in (1.0, 1, torch.tensor(1.0)):
            sentence = refusal(name, FORMULAS[name] | {"widths": widths})
            assert sentence.endswith("write [1]")
            torch.testing.assert_close(
                call(name, FORMULAS[name] | {"widths": [1]}), call(name, FORMULAS[name])
            )


def test_checks_read_no_value():
    """On the meta device there are none: whoever reads one fails there, as a GPU would have to wait."""
    x = torch.empty(4, 3, device="meta")
    check_features(xs=x, xt=x)
    check_labels(x, y=torch.empty(4, dtype=torch.int64, device="meta"))


# --- precision: far from 0, equal points, small batches


def with_gradients(name, arguments):
    """The value and the gradients of the first two float samples, as numbers in float64."""
    names = tensors(arguments)[:2]
    leaves = {n: arguments[n].clone().requires_grad_() for n in names}
    value = call(name, arguments | leaves)
    value = value[0] if isinstance(value, tuple) else value
    if value.is_floating_point() and value.requires_grad:
        value.sum().backward()
    return value.detach().double(), [leaf.grad for leaf in leaves.values() if leaf.grad is not None]


HARD = {
    "far from 0": lambda x: x + 1e4,
    "equal points": lambda x: torch.full_like(x, 0.1),
    "equal points far from 0": lambda x: torch.full_like(x, 1e4 + 1 / 3),
    "all zero": torch.zeros_like,
    "large": lambda x: x * 1e4,
    "small": lambda x: x * 1e-12,
}
ONLY_PROBABILITIES = {"k", "d2", "C", "share", "g", "pt"}  # not features: kernels, costs, shares


@pytest.mark.parametrize("kind", HARD)
def test_hard_features_have_finite_values_and_gradients(kind):
    for name, valid in FORMULAS.items():
        arguments = {
            n: HARD[kind](v) if n in tensors(valid) and n not in ONLY_PROBABILITIES else v
            for n, v in valid.items()
        }
        if name == "m3sda.moment_distance":
            arguments["sources"] = [HARD[kind](s) for s in valid["sources"]]
        if name == "log_coral.matrix_log":
            continue  # of a matrix that is no covariance
        if name == "lmmd.shares":
            arguments = valid
        value, gradients = with_gradients(name, arguments)
        assert value.isfinite().all(), name
        assert all(g.isfinite().all() for g in gradients), name


INVARIANT = (  # they do not change when all features move together
    "cmd.cmd",
    "coral.coral_distance",
    "coral.covariance",
    "kernels.kernel_of_widths",
    "kernels.squared_distances",
    "log_coral.log_coral_distance",
    "mmd.mmd2",
    "rkd.angles",
    "rkd.distances",
)


@pytest.mark.parametrize("shift", [1e2, 1e4])
def test_a_common_shift_changes_nothing_in_float32(shift):
    big = {
        "fs": sample(40, 6),
        "ft": sample(30, 6, seed=1, shift=0.5),
        "f": sample(20, 6),
        "x": sample(20, 6),
    }
    big |= {"xs": big["fs"], "xt": big["ft"]}
    for name in INVARIANT:
        valid = FORMULAS[name]
        near = {n: big.get(n, v) if n in tensors(valid) else v for n, v in valid.items()}
        moved = {n: v + shift if n in tensors(valid) else v for n, v in near.items()}
        exact = {
            n: v.double() - shift if n in tensors(valid) else v for n, v in moved.items()
        }  # as float32 rounded it
        scale = float(call(name, exact).abs().max())
        torch.testing.assert_close(
            call(name, moved).double(), call(name, exact), rtol=1e-3, atol=1e-3 * scale, msg=name
        )


def test_float32_is_close_to_float64():
    for name, valid in FORMULAS.items():
        if name.startswith(("augmentation.", "mean_teacher.add_noise", "wdgrl.points")):
            continue  # random
        double = {
            n: v.double() if isinstance(v, torch.Tensor) and v.is_floating_point() else v
            for n, v in valid.items()
        }
        double |= {"sources": [s.double() for s in valid["sources"]]} if "sources" in valid else {}
        double |= {"critic": critic().double()} if "critic" in valid else {}
        (low, low_gradients), (high, high_gradients) = (
            with_gradients(name, valid),
            with_gradients(name, double),
        )
        torch.testing.assert_close(low, high, rtol=1e-4, atol=1e-5, msg=name)
        for one, other in zip(low_gradients, high_gradients, strict=True):
            torch.testing.assert_close(one.double(), other, rtol=1e-3, atol=1e-4, msg=name)


def test_equal_points_among_others_are_at_no_distance_and_give_no_width():
    """Their squares and their products are rounded differently: what is left must not pass for a distance."""
    for d in (8, 64, 512):
        equal = (3 * sample(d, seed=d) + 1).expand(40, d)
        x = torch.cat([equal, sample(10, d, seed=1)])
        d2 = call("kernels.squared_distances", {"x": x})
        assert d2[:40, :40].abs().max() == 0
        assert (d2[:40, 40:] > 0).all()
        assert (
            call("kernels.median_distance", {"d2": d2}) == 1
        )  # most are equal, so that there is no unit
        assert call("kernels.kernel_of_widths", {"x": x, "count": 3})[:40, :40].min() == 1


def test_features_that_are_nearly_one_point_give_a_finite_mmd_at_every_width():
    """Squares of such widths would round to 0, and 0 / 0 is nan."""
    for scale in (1e-15, 1e-18, 1e-21, 1e-30):
        fs, ft = (scale * XS).requires_grad_(), scale * XT
        for objective in (MMD(width=0.05), MMD(), DAN(kernels=17, layers=3)):
            batch = make_batch(fs, ft)
            batch = replace(batch, hs={"a": fs}, ht={"a": ft})
            (gradient,) = torch.autograd.grad(objective(batch)["mmd"], fs)
            assert gradient.isfinite().all(), scale


def test_points_close_to_each_other_keep_their_distance():
    x = torch.tensor([[0.0, 0.0], [1e-2, 0.0], [3.0, 4.0]])
    wanted = [[0, 1e-4, 25], [1e-4, 0, 2.99**2 + 16], [25, 2.99**2 + 16, 0]]
    torch.testing.assert_close(
        call("kernels.squared_distances", {"x": x}), torch.tensor(wanted), rtol=1e-2, atol=1e-7
    )


def test_a_batch_of_two_and_one_class_have_finite_values_and_gradients():
    for name, valid in FORMULAS.items():
        if name in {"rkd.angles", "rkd.angle_loss"}:
            continue  # an angle needs three
        arguments = dict(valid)
        for n, v in valid.items():
            if (
                isinstance(v, torch.Tensor)
                and len(v.shape) >= 1
                and n not in {"R_f", "R_g", "w", "k", "C", "d2", "index", "pt"}
            ):
                arguments[n] = (
                    v[:2] if v.ndim > 1 or n in {"y", "ys", "confident", "weights"} else v
                )
        if "y" in arguments and arguments["y"].dtype == torch.int64:
            arguments["y"] = torch.zeros(2, dtype=torch.int64)
        if name == "lmmd.local_mmd2":
            arguments = {
                "k": K[:4, :4],
                "ys": torch.zeros(2, dtype=torch.int64),
                "pt": Z[:2].softmax(1),
            }
        if name == "dann.domain_loss":
            arguments["n_s"] = 1
        value, gradients = with_gradients(name, arguments)
        assert value.isfinite().all(), name
        assert all(g.isfinite().all() for g in gradients), name
    one_class = sample(6, 1)
    for name, argument in {
        "entropy.entropy": "z",
        "bnm.batch_nuclear_norm": "z",
        "mcc.class_confusion": "zt",
    }.items():
        assert call(name, FORMULAS[name] | {argument: one_class}).isfinite().all(), name


def test_log_otherwise_of_one_class_is_minus_infinity_as_it_should_be():
    assert float(call("mdd.log_otherwise", {"z": Z[:1, :1], "y": torch.tensor([0])})) == -math.inf
