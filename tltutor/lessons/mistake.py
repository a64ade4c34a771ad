"""Declare the switch of every fault."""

from __future__ import annotations

from tltutor.settings import Setting

MISTAKE = Setting(
    "mistake", True, scale="switch", text="Whether the mistake is in the code that runs."
)
