"""Measure the live board in a real JupyterLab and Chromium: how soon it is there, frames and bytes, memory, many points."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
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


IMPORTS = (
    "import time\nfrom pathlib import Path\nimport numpy as np\n"
    "import tltutor as tl\nfrom tltutor.machine.bench import headless"
)
BOARD = 'Path("began").write_text(str(time.time()))\nlab = headless.open_lab("tsne")\nlab'
CLOUDS = (
    "clouds = np.random.default_rng(0).normal(size=(20_000, 2)).astype(np.float32)\n"
    "labels = np.arange(10_000) % 2\n"
    "pair = tl.DomainPair(tl.Domain('a', clouds[:10_000], labels), tl.Domain('b', clouds[10_000:], labels))\n"
    "tl.Lab(pair, 'source-only', projection='pca', snapshot_size=20_000, device='cpu')"
)
MIDDLE = "node => { const box = node.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }"
DRAWN = "() => Number(document.querySelector('.tlt-map')?.dataset.sequence ?? 0) > 0"  # the points have places


def opening() -> dict[str, Any]:
    """Return seconds from the run of a board's cell, after the imports, to its first picture."""
    seconds = []
    with opened_board([IMPORTS, BOARD]) as (page, errors, folder):
        for _ in range(3):
            page.locator(".jp-Cell").last.click()
            page.evaluate(
                "() => document.querySelectorAll('.tlt-map').forEach((map) => { map.classList.remove('tlt-map'); })"
            )
            page.keyboard.press("Control+Enter")
            page.wait_for_function(DRAWN, polling="raf")
            seconds.append(round(time.time() - float((folder / "began").read_text()), 2))
    return {"first_picture_s": sorted(seconds), "console_errors": errors}


def three_boards() -> dict[str, Any]:
    """Return MiB of the page's memory (JavaScript's heap, nodes and buffers) with three boards that have trained."""
    three = [BOARD.replace('"tsne"', f'"tsne", "{name}"') for name in ("one", "two", "three")]
    with opened_board([IMPORTS, *three]) as (page, errors, _):
        devtools, boards = page.context.new_cdp_session(page), page.locator(".tlt-board")
        for board in boards.all():
            board.scroll_into_view_if_needed()
            board.get_by_role("button", name="Play").click()
            page.wait_for_timeout(5000)
            board.get_by_role("button", name="Pause").click()
        return {
            "boards": boards.count(),
            "page_mib": _heap(devtools),
            "console_errors": errors,
        }


def many_points(seconds: float = 5.0) -> dict[str, Any]:
    """Return pictures per second while 20,000 points are dragged over the map, and while a wheel zooms."""
    with opened_board([IMPORTS, CLOUDS]) as (page, errors, _):
        page.wait_for_function(DRAWN)
        canvas = page.locator(".tlt-stage canvas").first
        canvas.evaluate("node => node.scrollIntoView({ block: 'center' })")
        at = canvas.evaluate(MIDDLE)

        def pictures(move: Callable[[int], None]) -> float:
            before, start, n = _counts(page)["draws"], time.perf_counter(), 0
            while time.perf_counter() - start < seconds:
                move(n := n + 1)
            return round((_counts(page)["draws"] - before) / (time.perf_counter() - start), 1)

        page.mouse.move(*at)
        page.mouse.down()
        panned = pictures(
            lambda n: page.mouse.move(at[0] + 80 * math.cos(n / 20), at[1] + 80 * math.sin(n / 20))
        )
        page.mouse.up()
        page.keyboard.down("Control")  # without it the wheel scrolls the notebook
        zoomed = pictures(lambda n: page.mouse.wheel(0, 30 if n % 40 < 20 else -30))
        page.keyboard.up("Control")
        return {
            "pan_pictures_per_s": panned,
            "zoom_pictures_per_s": zoomed,
            "console_errors": errors,
        }


def soak(minutes: float, projection: str = "tsne") -> dict[str, Any]:
    """Return the memory of kernel and page (MiB), the kernel's threads and the step, once a minute while the board trains."""
    with opened_board([CELL.replace("PROJECTION", projection)]) as (page, errors, folder):
        pid, devtools = int((folder / "pid").read_text()), page.context.new_cdp_session(page)
        page.get_by_role("button", name="Play").first.click()
        rows = [_memory(page, devtools, pid)]
        for _ in range(round(minutes)):
            page.wait_for_timeout(60_000)
            rows.append(_memory(page, devtools, pid))
        return {
            "kernel_mib": [row[0] for row in rows],
            "page_mib": [row[1] for row in rows],
            "threads": [row[2] for row in rows],
            "steps": [row[3] for row in rows],
            "console_errors": errors,
        }


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


def _memory(page: Page, devtools: CDPSession, pid: int) -> tuple[float, float, int, int]:
    """Return MiB of the kernel's memory and of the page's heap after a garbage collection, the kernel's threads, and the step."""
    heap, said = _heap(devtools), Path(f"/proc/{pid}/status").read_text()
    kib, threads = (
        int(found.group(1)) if (found := re.search(rf"{name}:\s+(\d+)", said)) else 0
        for name in ("VmRSS", "Threads")
    )
    step, _ = next_step(page)
    return round(kib / 1024, 1), heap, threads, step


def _heap(devtools: CDPSession) -> float:
    """Return MiB of the page's memory after a garbage collection: JavaScript's heap, nodes, and buffers outside it."""
    devtools.send("HeapProfiler.collectGarbage")
    usage = devtools.send("Runtime.getHeapUsage")
    parts = ("usedSize", "embedderHeapUsedSize", "backingStorageSize")
    return float(round(sum(usage.get(part, 0) for part in parts) / 2**20, 1))
