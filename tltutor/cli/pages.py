"""Notebooks that a command writes: cells of text and code, and the notebook around them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def text_cell(text: str) -> dict[str, Any]:
    """Return a cell of Markdown."""
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def code_cell(text: str) -> dict[str, Any]:
    """Return a cell of Python that has not run."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": text,
    }


def notebook_of(cells: Iterable[dict[str, Any]], name: str) -> dict[str, Any]:
    """Return a notebook of these cells, whose ids begin with `name`."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": [{**cell, "id": f"{name}-{number}"} for number, cell in enumerate(cells)],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
