"""The objectives: one idea, one file, its formula inside; here they get their names."""

from __future__ import annotations

from typing import Any

from tltutor.objectives.adabn import AdaBN
from tltutor.objectives.adda import ADDA
from tltutor.objectives.afn import AFN
from tltutor.objectives.attention import AttentionTransfer
from tltutor.objectives.bnm import BNM
from tltutor.objectives.bss import BSS
from tltutor.objectives.cdan import CDAN, CDANE
from tltutor.objectives.cmd import CMD
from tltutor.objectives.coral import CORAL
from tltutor.objectives.dan import DAN
from tltutor.objectives.dann import DANN
from tltutor.objectives.deep_jdot import DeepJDOT
from tltutor.objectives.delta import DELTA
from tltutor.objectives.distill import Distillation
from tltutor.objectives.dsbn import DSBN
from tltutor.objectives.entropy import Entropy
from tltutor.objectives.fine_tune import FineTune
from tltutor.objectives.fitnets import FitNets
from tltutor.objectives.fixmatch import FixMatch
from tltutor.objectives.homm import HoMM
from tltutor.objectives.jan import JAN
from tltutor.objectives.l2sp import L2SP
from tltutor.objectives.lmmd import LMMD
from tltutor.objectives.log_coral import LogCORAL
from tltutor.objectives.m3sda import M3SDA
from tltutor.objectives.mcc import MCC
from tltutor.objectives.mcd import MCD
from tltutor.objectives.mdd import MDD
from tltutor.objectives.mean_teacher import MeanTeacher
from tltutor.objectives.mmd import MMD
from tltutor.objectives.mme import MME
from tltutor.objectives.multi_task import MultiTask
from tltutor.objectives.objective import Batch, LabeledBatch, Objective, Phase
from tltutor.objectives.pada import PADA
from tltutor.objectives.pseudo_labels import PseudoLabels
from tltutor.objectives.rkd import RKD
from tltutor.objectives.source_only import SourceOnly
from tltutor.objectives.source_only_target_bn import SourceOnlyTargetBN
from tltutor.objectives.tent import TENT
from tltutor.objectives.wdgrl import WDGRL
from tltutor.settings import check_name

_CLASSES: tuple[type[Objective], ...] = (
    *(SourceOnly, SourceOnlyTargetBN, FineTune, L2SP, BSS, DELTA),  # models that go on
    *(MMD, DAN, JAN, LMMD, CORAL, LogCORAL, CMD, HoMM, WDGRL, DeepJDOT),  # discrepancies between the domains
    *(DANN, CDAN, CDANE, MDD, MCD, ADDA),  # adversaries
    *(MCC, BNM, AFN, Entropy, PseudoLabels, FixMatch),  # the shape of the target's answers
    *(Distillation, FitNets, AttentionTransfer, RKD, MeanTeacher),  # relations to a teacher
    *(AdaBN, DSBN, TENT),  # statistics and test time
    *(MME, M3SDA, MultiTask, PADA),  # several tasks, sources or labels
)
OBJECTIVES: dict[str, type[Objective]] = {c.name: c for c in _CLASSES}


def objective_names() -> tuple[str, ...]:
    """Names of all objectives."""
    return tuple(OBJECTIVES)


def find_objective(name: str) -> type[Objective]:
    """The class of this name, or a ValueError with the nearest known names."""
    return OBJECTIVES[check_name(name, OBJECTIVES, what="objective")]


def build_objective(name: str, **settings: Any) -> Objective:
    """A new objective by name with these settings."""
    return find_objective(name)(**settings)


__all__ = [
    "ADDA",
    "AFN",
    "BNM",
    "BSS",
    "CDAN",
    "CDANE",
    "CMD",
    "CORAL",
    "DAN",
    "DANN",
    "DELTA",
    "DSBN",
    "JAN",
    "L2SP",
    "LMMD",
    "M3SDA",
    "MCC",
    "MCD",
    "MDD",
    "MMD",
    "MME",
    "OBJECTIVES",
    "PADA",
    "RKD",
    "TENT",
    "WDGRL",
    "AdaBN",
    "AttentionTransfer",
    "Batch",
    "DeepJDOT",
    "Distillation",
    "Entropy",
    "FineTune",
    "FitNets",
    "FixMatch",
    "HoMM",
    "LabeledBatch",
    "LogCORAL",
    "MeanTeacher",
    "MultiTask",
    "Objective",
    "Phase",
    "PseudoLabels",
    "SourceOnly",
    "SourceOnlyTargetBN",
    "build_objective",
    "find_objective",
    "objective_names",
]
