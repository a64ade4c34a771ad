"""Make the README's moving picture, light and dark: publish three runs, and film the page while its slider moves.

Run `python docs/picture.py` in a checkout with the `test` extra; the runs are kept in build/board.runs.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from board import FRAMES, publish
from PIL import Image
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
STRIDE = 3  # every third frame is filmed
HOLD, TICK = (
    1400,
    130,
)  # milliseconds for which the last picture of a run, and every other, is shown
CLIP = {"x": 0, "y": 60, "width": 1080, "height": 700}
WIDTH = 860


def filmed(page: Page) -> Iterator[tuple[Image.Image, int]]:
    """Yield each picture with its milliseconds: the run at each place of the slider, from its beginning on."""
    for place in range(3):
        slider = page.get_by_label("λ weight")
        slider.focus()
        page.keyboard.press("Home")
        for _ in range(place):
            page.keyboard.press("ArrowRight")
        page.get_by_role("slider", name="Replay").focus()
        page.keyboard.press("Home")
        for i in range(0, FRAMES, STRIDE):
            page.wait_for_timeout(700)  # until the points have come to rest
            yield Image.open(io.BytesIO(page.screenshot(clip=CLIP))), TICK  # type: ignore[arg-type]
            for _ in range(STRIDE):
                page.keyboard.press("ArrowRight")
            if i + STRIDE >= FRAMES:
                page.wait_for_timeout(700)
                yield Image.open(io.BytesIO(page.screenshot(clip=CLIP))), HOLD  # type: ignore[arg-type]


def film(board: Path, scheme: str, executable: str | None) -> None:
    """Film this page, and write docs/lambda-SCHEME.webp."""
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=executable)
        size = {"width": CLIP["width"], "height": 900}
        page = browser.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
        page.goto(board.as_uri())
        page.wait_for_selector(".tlt-replay .tlt-timeline")
        pictures, times = zip(*filmed(page), strict=True)
        browser.close()
    height = WIDTH * CLIP["height"] // CLIP["width"]
    first, *others = (
        picture.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)
        for picture in pictures
    )
    out = HERE / f"lambda-{scheme}.webp"
    first.save(
        out, save_all=True, append_images=others, duration=list(times), loop=0, quality=55, method=4
    )


if __name__ == "__main__":
    board = publish("picture.html", (0, 1, 10), seeds=1)
    for scheme in ("light", "dark"):
        film(board, scheme, sys.argv[1] if len(sys.argv) > 1 else None)
