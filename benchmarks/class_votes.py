"""Let 300 phones vote within a second: how long the service takes to answer each, and whether every vote is stored.

    python -m benchmarks.class_votes [--voters 300] [--seconds 1] [--json FILE]

Each phone connects, opens the room's page and sends its vote, over one connection of its own. The service runs in its own process, as
`tltutor class serve` starts it; the phones are coroutines of this one, and their work counts against the same cores.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil

import tltutor as tl
from tltutor.classroom.running import VARIABLE

QUESTION, OPTIONS = "Does λ help?", ("It gains", "About the same", "It loses")


class Phone(NamedTuple):
    """Milliseconds until the page was there, until the vote was confirmed, and the confirmation's status."""

    page: float
    vote: float
    status: int


@contextmanager
def served(folder: str) -> Iterator[tuple[str, psutil.Process]]:
    """Run the service; yield the address of its room, and its process."""
    os.environ[VARIABLE] = folder
    command = [sys.executable, "-m", "tltutor.cli", "class", "serve", "--port", "0"]
    service = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own
    try:
        assert service.stdout is not None  # noqa: S101
        address = re.findall(r"http://\S*/r/\w+", service.stdout.readline())[0]
        yield address, psutil.Process(service.pid)
    finally:
        service.terminate()
        service.wait()


async def ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: str
) -> tuple[int, str, str]:
    """Send a request; return status, headers and body of its answer."""
    writer.write(request.encode())
    await writer.drain()
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
    body = await reader.readexactly(int(length[1])) if length else b""
    return int(head.split()[1]), head, body.decode()


async def phone(address: str, wait: float) -> Phone:
    """Open the page and vote, `wait` seconds from now."""
    host, port, path = re.findall(r"http://([^:/]+):(\d+)(/\S+)", address)[0]
    await asyncio.sleep(wait)
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection(host, int(port))
    about = f"Host: {host}:{port}\r\n"
    _, head, page = await ask(reader, writer, f"GET {path} HTTP/1.1\r\n{about}\r\n")
    shown = time.perf_counter()
    token = re.findall(r"set-cookie: (\S+?);", head)[0]
    seen = re.findall(r'name="seen" value="([^"]*)"', page)[0]
    form = f"seen={seen}&choice=1"
    about += f"Cookie: {token}\r\nContent-Length: {len(form)}\r\n"
    status, _, _ = await ask(reader, writer, f"POST {path} HTTP/1.1\r\n{about}\r\n{form}")
    ended = time.perf_counter()
    writer.close()
    return Phone(1000 * (shown - began), 1000 * (ended - shown), status)


async def crowd(address: str, voters: int, seconds: float) -> list[Phone]:
    """Let the phones come at random moments within these seconds."""
    waits = np.random.default_rng(0).uniform(0, seconds, voters)
    return list(await asyncio.gather(*(phone(address, float(wait)) for wait in waits)))


def summary(phones: Sequence[Phone], stored: int) -> dict[str, float]:
    """Return the quantiles of both times, how many votes were confirmed, and how many are stored."""
    found: dict[str, float] = {"confirmed": sum(p.status == 303 for p in phones), "stored": stored}
    for name in ("page", "vote"):
        times = [getattr(p, name) for p in phones]
        for share in (50, 95, 100):
            found[f"{name} p{share} ms"] = round(float(np.percentile(times, share)), 1)
    return found


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--voters", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, served(folder) as (address, service):
        vote = tl.classroom.open_vote(QUESTION, OPTIONS)
        load = os.getloadavg()[0]
        before = service.cpu_times()
        phones = asyncio.run(crowd(address, given.voters, given.seconds))
        after = service.cpu_times()
        found = summary(phones, vote.answered)
    spent = after.user + after.system - before.user - before.system
    found["service's processor s"] = round(spent, 2)  # other programs have little influence on it
    found |= {"voters": given.voters, "seconds": given.seconds}
    found |= {"cores": os.cpu_count() or 0, "load before": round(load, 1)}
    print(*(f"{name:22} {value:g}" for name, value in found.items()), sep="\n")
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
