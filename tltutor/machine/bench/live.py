"""Measure the live board in a real JupyterLab and Chromium: frames per second, bytes per frame, memory over minutes."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tltutor.machine.bench import headless
from tltutor.machine.bench.browser import CELL, next_step, opened_board

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page


def live(projection: str, seconds: float = 15.0) -> dict[str, Any]:
    """Return layouts and pictures per second, and received KiB per layout, while the board trains."""
    with opened_board([CELL.replace("PROJECTION", projection)]) as (page, errors, _):
        received = _count_bytes(page.context.new_cdp_session(page))
        page.get_by_role("button", name="Play").first.click()
        next_step(page)
        page.wait_for_timeout(4000)
        before = _counts(page) | {"bytes": received[0], "at": time.perf_counter()}
        page.wait_for_timeout(1000 * seconds)
        after = _counts(page) | {"bytes": received[0], "at": time.perf_counter()}
        layouts, took = after["sequence"] - before["sequence"], after["at"] - before["at"]
        return {
            "points": headless.POINTS,
            "layouts_per_s": round(layouts / took, 1),
            "pictures_per_s": round((after["draws"] - before["draws"]) / took, 1),
            "kib_a_layout": round((after["bytes"] - before["bytes"]) / 1024 / max(layouts, 1), 1),
            "console_errors": errors,
        }


def soak(minutes: float, projection: str = "tsne") -> dict[str, Any]:
    """Return the memory of kernel and page (MiB) and the step, once a minute while the board trains."""
    with opened_board([CELL.replace("PROJECTION", projection)]) as (page, errors, folder):
        pid, devtools = int((folder / "pid").read_text()), page.context.new_cdp_session(page)
        page.get_by_role("button", name="Play").first.click()
        rows = [_memory(page, devtools, pid)]
        for _ in range(round(minutes)):
            page.wait_for_timeout(60_000)
            rows.append(_memory(page, devtools, pid))
        return {
            "kernel_mib": [a for a, _, _ in rows],
            "page_mib": [b for _, b, _ in rows],
            "steps": [c for _, _, c in rows],
        } | {"console_errors": errors}


def _count_bytes(devtools: CDPSession) -> list[int]:
    """Count the bytes that the page's sockets receive from now on."""
    received = [0]

    def count(event: dict[str, Any]) -> None:
        frame = event["response"]
        text = 1 if frame["opcode"] == 1 else 3 / 4  # binary frames are given in base64
        received[0] += round(text * len(frame["payloadData"]))

    devtools.on("Network.webSocketFrameReceived", count)
    devtools.send("Network.enable")
    return received


def _counts(page: Page) -> dict[str, float]:
    data = page.locator(".tlt-map").first.evaluate(
        "node => [node.dataset.sequence, node.dataset.draws]"
    )
    return {"sequence": int(data[0]), "draws": int(data[1])}


def _memory(page: Page, devtools: CDPSession, pid: int) -> tuple[float, float, int]:
    """Return MiB of the kernel's memory and of the page's heap after a garbage collection, and the step."""
    devtools.send("HeapProfiler.collectGarbage")
    heap = devtools.send("Runtime.getHeapUsage")["usedSize"]
    resident = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    step, _ = next_step(page)
    return (
        round(int(resident.group(1)) / 1024, 1) if resident else 0.0,
        round(heap / 2**20, 1),
        step,
    )
