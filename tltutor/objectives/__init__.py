"""The objectives: one idea, one file, its formula inside. A new file in this folder is found by itself."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tltutor.objectives.families import FAMILIES
from tltutor.objectives.families import Group as Group
from tltutor.objectives.objective import Batch as Batch
from tltutor.objectives.objective import LabeledBatch as LabeledBatch
from tltutor.objectives.objective import Objective as Objective
from tltutor.objectives.objective import Phase as Phase
from tltutor.settings import check_name

if (
    TYPE_CHECKING
):  # for editors and type checkers only: what is not listed here is found all the same
    from tltutor.objectives.adabn import AdaBN as AdaBN
    from tltutor.objectives.adda import ADDA as ADDA
    from tltutor.objectives.afn import AFN as AFN
    from tltutor.objectives.attention import AttentionTransfer as AttentionTransfer
    from tltutor.objectives.bnm import BNM as BNM
    from tltutor.objectives.bss import BSS as BSS
    from tltutor.objectives.cdan import CDAN as CDAN
    from tltutor.objectives.cdan import CDANE as CDANE
    from tltutor.objectives.cmd import CMD as CMD
    from tltutor.objectives.coral import CORAL as CORAL
    from tltutor.objectives.dan import DAN as DAN
    from tltutor.objectives.dann import DANN as DANN
    from tltutor.objectives.deep_jdot import DeepJDOT as DeepJDOT
    from tltutor.objectives.delta import DELTA as DELTA
    from tltutor.objectives.distill import Distillation as Distillation
    from tltutor.objectives.dsbn import DSBN as DSBN
    from tltutor.objectives.entropy import Entropy as Entropy
    from tltutor.objectives.fine_tune import FineTune as FineTune
    from tltutor.objectives.fitnets import FitNets as FitNets
    from tltutor.objectives.fixmatch import FixMatch as FixMatch
    from tltutor.objectives.gradual import GradualSelfTraining as GradualSelfTraining
    from tltutor.objectives.homm import HoMM as HoMM
    from tltutor.objectives.importance import ImportanceWeighting as ImportanceWeighting
    from tltutor.objectives.jan import JAN as JAN
    from tltutor.objectives.l2sp import L2SP as L2SP
    from tltutor.objectives.lmmd import LMMD as LMMD
    from tltutor.objectives.log_coral import LogCORAL as LogCORAL
    from tltutor.objectives.m3sda import M3SDA as M3SDA
    from tltutor.objectives.mcc import MCC as MCC
    from tltutor.objectives.mcd import MCD as MCD
    from tltutor.objectives.mdd import MDD as MDD
    from tltutor.objectives.mean_teacher import MeanTeacher as MeanTeacher
    from tltutor.objectives.mmd import MMD as MMD
    from tltutor.objectives.mme import MME as MME
    from tltutor.objectives.multi_task import MultiTask as MultiTask
    from tltutor.objectives.pada import PADA as PADA
    from tltutor.objectives.pseudo_labels import PseudoLabels as PseudoLabels
    from tltutor.objectives.rkd import RKD as RKD
    from tltutor.objectives.shared_trunk import SharedTrunk as SharedTrunk
    from tltutor.objectives.shot import SHOT as SHOT
    from tltutor.objectives.source_only import SourceOnly as SourceOnly
    from tltutor.objectives.source_only_target_bn import SourceOnlyTargetBN as SourceOnlyTargetBN
    from tltutor.objectives.tent import TENT as TENT
    from tltutor.objectives.two_level_dann import TwoLevelDANN as TwoLevelDANN
    from tltutor.objectives.wdgrl import WDGRL as WDGRL


def _scan_folder() -> list[type[Objective]]:
    """Import each file of this folder and return the objectives that it defines, by family, year and name."""
    modules = [
        importlib.import_module(f"{__name__}.{file.name}")
        for file in pkgutil.iter_modules(__path__)
    ]
    return sorted((cls for module in modules for cls in _defined_in(module)), key=_place)


def _defined_in(module: ModuleType) -> Iterator[type[Objective]]:
    """Return the objectives of a file: not those that it imports, and not those that give themselves no name."""
    for cls in vars(module).values():
        is_objective = isinstance(cls, type) and issubclass(cls, Objective) and "name" in vars(cls)
        if is_objective and cls.__module__ == module.__name__:
            yield cls


def _place(cls: type[Objective]) -> tuple[int, int, str]:
    """Return what objectives are sorted by."""
    names = [family.name for family in FAMILIES]
    family = check_name(cls.family, names, what=f"family of objectives (in {cls.__name__})")
    return names.index(family), cls.year, cls.name


OBJECTIVES: dict[str, type[Objective]] = {cls.name: cls for cls in _scan_folder()}


def objective_names() -> tuple[str, ...]:
    """Return the names of all objectives."""
    return tuple(OBJECTIVES)


def objective_groups() -> tuple[Group, ...]:
    """Return the objectives as menus group them: (family, title, one line about it, names) of each family that has one."""
    groups = (
        Group(*family, tuple(n for n, cls in OBJECTIVES.items() if cls.family == family.name))
        for family in FAMILIES
    )
    return tuple(group for group in groups if group.names)


def find_objective(name: str) -> type[Objective]:
    """Return the class of this name. Raises a ValueError with the nearest known names."""
    return OBJECTIVES[check_name(name, OBJECTIVES, what="objective")]


def build_objective(name: str, **settings: Any) -> Objective:
    """Build an objective by name with these settings."""
    return find_objective(name)(**settings)


globals().update({cls.__name__: cls for cls in OBJECTIVES.values()})
