"""Start one learner's JupyterLab below a Hub: private files, limited memory, the lessons as copies; then become the server.

A Hub runs it as the learner (`Spawner.cmd` in jupyterhub_config.py, the command of a container's image in values.yaml).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tltutor.cli.lab import config_path, report
from tltutor.cli.originals import hand_out, originals

FOLDER = "tltutor-lessons"
PRIVATE = 0o077  # what a new file denies others
UNITS = {"M": 2**20, "G": 2**30}


def main(arguments: Sequence[str]) -> None:
    """Prepare the learner's folder, then run `jupyterhub-singleuser` in this process."""
    os.umask(PRIVATE)
    limit_memory(os.environ.get("TLTUTOR_HUB_MEMORY", ""))
    folder = lessons(Path.home())
    environment = {**os.environ, "JUPYTER_CONFIG_PATH": config_path(os.environ)}
    os.execve(sys.executable, command(folder, arguments), environment)  # noqa: S606 - no shell


def lessons(home: Path) -> Path:
    """Give the learner every lesson, in a folder that others cannot read. What the learner has changed stays."""
    folder = home / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    print(report(hand_out(originals(), folder), folder), flush=True)
    return folder


def limit_memory(most: str) -> None:
    """Limit what one process of the learner may take, such as 2G or 800M: a kernel beyond it gets a MemoryError.

    Errors: ValueError for another word.
    """
    if not most:
        return
    number, unit = most[:-1], most[-1:].upper()
    if unit not in UNITS or not number.isdecimal() or int(number) == 0:
        raise ValueError(f"TLTUTOR_HUB_MEMORY must be a number with M or G, got {most!r}: write 2G")
    import resource  # no Windows has it, and no Hub runs there

    size = int(number) * UNITS[unit]
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    size = size if hard == resource.RLIM_INFINITY else min(size, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def command(folder: Path, arguments: Sequence[str]) -> list[str]:
    """Return the command line of the server. The Hub's own words come last, so they win."""
    return [
        sys.executable,
        "-m",
        "jupyterhub.singleuser",
        f"--ServerApp.root_dir={folder}",
        "--LabApp.news_url=None",  # no request to the internet
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        *arguments,
    ]


if __name__ == "__main__":
    main(sys.argv[1:])
