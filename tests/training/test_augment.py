"""Views of training images: against torchvision's functions, seeded, and of nothing but what is trained on."""

from __future__ import annotations

import pytest
import torch
from torchvision.transforms import functional as tv

import tltutor as tl
from tltutor.events import Stepped
from tltutor.training.augment import AREA, ASPECT, Augment, crop, cut_at, flip, recolor

PAIR = tl.load_pair("digits->photo-digits")
X = torch.rand(5, 3, 8, 8, generator=torch.Generator().manual_seed(0))


def run(**options: object) -> tl.Session:
    network = tl.build_network("lenet", PAIR)
    settings = {"device": "cpu", "batch_size": 16, "snapshot_size": 20, "steps": 40} | options
    return tl.Session(PAIR, network, tl.objectives.DANN(), **settings)  # type: ignore[arg-type]


def losses(session: tl.Session, steps: int = 3) -> list[dict[str, float]]:
    facts = [fact for _ in range(steps) for fact in session.step()]
    found = [dict(fact.losses) for fact in facts if isinstance(fact, Stepped)]
    assert len(found) == steps
    return found


def test_an_image_is_mirrored_where_its_draw_is_below_a_half() -> None:
    seen = flip(X, torch.tensor([0.0, 0.49, 0.5, 0.9, 0.1]))
    for i, mirrored in enumerate([True, True, False, False, True]):
        assert torch.equal(seen[i], tv.hflip(X[i]) if mirrored else X[i])


def test_a_part_is_what_torchvision_cuts_out_and_resizes() -> None:
    sides, corner = torch.tensor([[0.5, 0.25]]), torch.tensor([[0.25, 0.5]])
    seen = cut_at(X[:1], sides, corner)
    expected = tv.resized_crop(
        X[:1], top=4, left=2, height=2, width=4, size=[8, 8], antialias=False
    )
    inside = (..., slice(2, 6), slice(1, 7))  # torchvision repeats the part's edge, not the image
    torch.testing.assert_close(seen[inside], expected[inside])
    torch.testing.assert_close(cut_at(X, torch.ones(5, 2), torch.zeros(5, 2)), X)


def test_a_crop_keeps_its_area_and_lies_inside() -> None:
    """An image whose channels are its coordinates tells which part was cut out."""
    n = 64
    at = (torch.arange(n) + 0.5) / n
    across, down = at.expand(n, n), at[:, None].expand(n, n)
    x = torch.stack([across, down]).expand(200, 2, n, n)
    draws = torch.rand(200, 4, generator=torch.Generator().manual_seed(1))
    seen = crop(x, draws)
    spans = (seen.amax((2, 3)) - seen.amin((2, 3))) * n / (n - 1)  # of pixel centers
    area, ratio = spans.prod(1), spans[:, 0] / spans[:, 1]
    full = (spans > 0.99).any(1)  # one that would be wider than the image is not
    torch.testing.assert_close(area[~full], 0.5 + 0.5 * draws[~full, 0], rtol=0.02, atol=0.01)
    assert area.min() > AREA[0] * 0.95
    assert ratio.max() < ASPECT * 1.02
    assert ratio.min() > 1 / ASPECT / 1.02
    corner = seen.amin((2, 3)) - spans / (2 * n)
    torch.testing.assert_close(corner, (1 - spans) * draws[:, 2:4], rtol=0, atol=0.02)


def test_nothing_from_beyond_the_edge_comes_in() -> None:
    white = torch.ones(100, 1, 8, 8)
    torch.testing.assert_close(crop(white, torch.rand(100, 4)), white)


def test_light_changes_as_torchvision_changes_it() -> None:
    factors = torch.tensor([[1.3, 1, 1], [1, 0.7, 1], [1, 1, 1.4], [0.8, 1.2, 0.6], [1, 1, 1]])
    seen = recolor(X, factors)
    for x, view, (brightness, contrast, saturation) in zip(X, seen, factors.tolist(), strict=True):
        y = tv.adjust_contrast(tv.adjust_brightness(x, brightness), contrast)
        torch.testing.assert_close(view, tv.adjust_saturation(y, saturation), atol=1e-3, rtol=1e-3)
    gray = recolor(X[:, :1], factors)
    torch.testing.assert_close(gray[2], X[2, :1])


@pytest.mark.parametrize("kind", ["flip", "crop", "color", "all"])
def test_every_kind_changes_images_within_their_range_and_draws_anew(kind: str) -> None:
    draw = Augment(kind, seed=3)  # type: ignore[arg-type]
    x = (255 * X).to(torch.uint8)
    one, state = draw(x), draw.state()
    other = draw(x)
    assert one.shape == x.shape
    assert 0 <= one.min() <= one.max() <= 1
    assert not torch.equal(one, x / 255)
    assert not torch.equal(one, other)
    draw.restore(state)
    assert torch.equal(draw(x), other)
    assert torch.equal(Augment(kind, seed=3)(x), one)  # type: ignore[arg-type]
    assert not torch.equal(Augment(kind, seed=4)(x), one)  # type: ignore[arg-type]


def test_a_run_repeats_by_its_seed_and_goes_on_from_its_state() -> None:
    one, other = run(augment="all"), run(augment="all")
    assert losses(one) == losses(other)
    state = one.state()
    ahead = losses(one)
    fresh = run(augment="all")
    fresh.restore(state)
    assert losses(fresh) == ahead
    assert losses(run()) != losses(run(augment="flip"))


def test_what_is_not_trained_on_stays_as_it_is() -> None:
    plain, viewed = run(lr=0.0), run(lr=0.0, augment="all")
    assert plain.evaluate() == viewed.evaluate()
    assert (plain.snapshot().features == viewed.snapshot().features).all()
    before = viewed.snapshot().features
    viewed.snapshot()
    assert (viewed.snapshot().features == before).all()


def test_frozen_stages_are_not_kept_for_images_that_change(monkeypatch) -> None:
    monkeypatch.setattr("tltutor.training.session.is_worth_it", lambda *_: True)
    assert run().prefix.enabled
    assert not run(augment="flip").prefix.enabled
    with pytest.raises(ValueError, match="keep_frozen=True.*leave one of them out"):
        run(augment="flip", keep_frozen=True)
    points = tl.load_pair("moons->rotated-moons")
    with pytest.raises(ValueError, match="draws views of images.*augment='none'"):
        tl.Session(points, tl.build_network("mlp", points), tl.objectives.DANN(), augment="flip")
