"""Contrastive losses on points (InfoNCE of SAM and UAE). Features are interpolated at exact positions.

Feature maps are (E, Z, Y, X) of one view; features are normalised after interpolation. Indices are fractional indices
(z, y, x) of the fine grid. Positions are in mm in the source volume. Similarities are cosines.

Differences from SAM: positives are exact sub-voxel positions instead of nearest voxels, near negatives are drawn around
the true position, and the mean of fine and coarse similarity, which matching uses, has a loss of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from .augment import View
from .config import LossConfig
from .features import FeatureMaps

MASKED = -1e4
"""Logit of an excluded negative; finite, so that the loss of a row without negatives is defined."""
INVERSE_TOLERANCE_MM = 0.3
"""A point whose inverse map has a larger residual has no correspondence."""
NEAR_SLACK = 0.8
"""Near negatives clamped at the border may come closer than their radius; below this share they are dropped."""
SAME_PLACE = 0.7
"""A vector of another patient with a higher cosine to the anchor is probably the same place, and no negative."""
SPARE_ANCHORS = 2
"""Anchors drawn per anchor wanted; some have no correspondence in the other view."""


@dataclass(frozen=True)
class Candidates:
    """The anchors of one direction and the features that they are compared with.

    anchor, positive, negative (M), near (N * L): {head: (rows, E)} features. banned: {head: (N, M) bool},
    near_banned: {head: (N, L) bool}: too close to the anchor to be a negative. others: (K, E) coarse features of other
    patients, or None.
    """

    anchor: dict[str, Tensor]
    positive: dict[str, Tensor]
    negative: dict[str, Tensor]
    near: dict[str, Tensor]
    banned: dict[str, Tensor]
    near_banned: dict[str, Tensor]
    others: Tensor | None = None


def random_voxels(mask: Tensor, count: int, rng: torch.Generator) -> Tensor:
    """(<= count, 3) int indices of True voxels."""
    flat = torch.nonzero(mask.reshape(-1))[:, 0]
    if len(flat) == 0:
        return torch.zeros(0, 3, dtype=torch.int64)
    pick = flat[torch.randint(0, len(flat), (count,), generator=rng)]
    _, y, x = mask.shape
    return torch.stack([pick // (y * x), pick // x % y, pick % x], 1)


def at_voxels(source: Tensor, index: Tensor) -> Tensor:
    """Source positions (N, 3) of integer fine indices (N, 3)."""
    z, y, x = index.unbind(1)
    return source[:, z, y, x].t()


def corresponding(anchor: View, other: View, count: int, rng: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """(fine indices in `anchor`, fractional fine indices in `other`, source mm), each (N <= count, 3)."""
    index = random_voxels(anchor.body, SPARE_ANCHORS * count, rng)
    position = at_voxels(anchor.source, index)
    points, residual = other.map.inverse_at(position)
    there = other.grid.to_index(points)
    size = torch.tensor(other.body.shape)
    ok = (residual < INVERSE_TOLERANCE_MM) & (there >= 0).all(1) & (there <= size - 1).all(1)
    near = there.round().long().clamp(min=0)
    near = torch.minimum(near, size - 1)
    ok &= other.inside[near[:, 0], near[:, 1], near[:, 2]]
    return index[ok][:count].float(), there[ok][:count], position[ok][:count]


def near_points(there: Tensor, other: View, config: LossConfig, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """(fractional fine indices (N * L, 3), distance mm (N, L)) around the true position in `other`."""
    count = config.near
    direction = F.normalize(torch.randn(len(there), count, 3, generator=rng), dim=2)
    low, high = config.near_radius_mm
    radius = low + (high - low) * torch.rand(len(there), count, 1, generator=rng)
    step = torch.tensor(other.grid.stride, dtype=torch.float32) * other.grid.spacing_mm
    size = torch.tensor(other.body.shape, dtype=torch.float32)
    index = there[:, None] + direction * radius / step
    index = torch.minimum(index.clamp(min=0), size - 1)
    distance = ((index - there[:, None]) * step).norm(dim=2)
    return index.reshape(-1, 3), distance


@dataclass(frozen=True)
class ViewPoints:
    """Sampled points of one view: fractional fine indices, the source positions of the negatives (mm)."""

    here: Tensor
    there: Tensor
    negative: Tensor
    near: Tensor
    negative_source: Tensor

    def sampled(self, features: FeatureMaps, heads: tuple[str, ...]) -> dict[str, tuple[Tensor, ...]]:
        """{head: (here, there, negative, near) features}; one interpolation per head keeps backward cheap."""
        parts = (self.here, self.there, self.negative, self.near)
        rows = features.sample(torch.cat(parts), heads)
        return {h: r.split([len(p) for p in parts]) for h, r in rows.items()}


Shown = tuple[View, FeatureMaps]
"""A view and what the network makes of it."""


def coarse_of_others(others: Sequence[Shown], config: LossConfig, rng: torch.Generator) -> Tensor | None:
    """(K, E) coarse features anywhere in the bodies of other patients, without gradients; None if there are none.

    SAM's coarse head says where in a body a point is: a shoulder is no hip, whoever's it is.
    """
    if config.other_negatives == 0 or not others:
        return None
    with torch.no_grad():
        index = [random_voxels(view.body, config.other_negatives, rng).float() for view, _ in others]
        rows = [maps.sample(i, ("coarse",))["coarse"] for (_, maps), i in zip(others, index, strict=True)]
    return torch.cat(rows)


def pair_candidates(
    views: tuple[View, View],
    maps: tuple[FeatureMaps, FeatureMaps],
    config: LossConfig,
    rng: torch.Generator,
    others: Sequence[Shown] = (),
) -> tuple[Candidates, Candidates]:
    """Candidates of both directions: anchors of one view, positives of the other, negatives of both and of `others`."""
    heads = ("fine", "coarse")
    a, b = views
    ab, ba = corresponding(a, b, config.anchors, rng), corresponding(b, a, config.anchors, rng)
    near_b, distance_b = near_points(ab[1], b, config, rng)
    near_a, distance_a = near_points(ba[1], a, config, rng)
    index = [random_voxels(v.body, config.negatives, rng) for v in views]
    place = [at_voxels(v.source, i) for v, i in zip(views, index, strict=True)]
    points_a = ViewPoints(ab[0], ba[1], index[0].float(), near_a, place[0])
    points_b = ViewPoints(ba[0], ab[1], index[1].float(), near_b, place[1])
    rows_a, rows_b = points_a.sampled(maps[0], heads), points_b.sampled(maps[1], heads)
    negative = {h: torch.cat([rows_a[h][2], rows_b[h][2]]) for h in heads}
    foreign = coarse_of_others(others, config, rng)
    out = []
    for own, other, pairs, distance in ((rows_a, rows_b, ab, distance_b), (rows_b, rows_a, ba, distance_a)):
        far = torch.cdist(pairs[2], torch.cat(place))
        out.append(
            Candidates(
                anchor={h: own[h][0] for h in heads},
                positive={h: other[h][1] for h in heads},
                negative=negative,
                near={h: other[h][3] for h in heads},
                banned={"fine": far < config.fine_ignore_mm, "coarse": far < config.coarse_ignore_mm},
                near_banned={
                    "fine": distance < config.near_radius_mm[0] * NEAR_SLACK,
                    "coarse": distance < config.coarse_ignore_mm,
                },
                others=foreign,
            )
        )
    return out[0], out[1]


def similarities(c: Candidates, head: str) -> tuple[Tensor, Tensor, Tensor]:
    """(positive (N, 1), negatives (N, M), near (N, L)) cosines of one head."""
    anchor = c.anchor[head]
    positive = (anchor * c.positive[head]).sum(1, keepdim=True)
    near = c.near[head].view(len(anchor), -1, anchor.shape[1])
    return positive, anchor @ c.negative[head].t(), torch.einsum("ne,nle->nl", anchor, near)


def info_nce(sims: tuple[Tensor, Tensor, Tensor], banned: Tensor, near_banned: Tensor, tau: float, hard: int) -> Tensor:
    """Cross-entropy of the positive against the negatives.

    sims: cosines of positive (N, 1), negatives (N, M) and near negatives (N, L). banned, near_banned: excluded ones.
    tau: temperature. hard: how many of the M negatives, those of highest similarity, are used; 0 uses all.
    """
    positive, negative, near = sims
    device = positive.device
    negative = (negative / tau).masked_fill(banned.to(device), MASKED)
    if 0 < hard < negative.shape[1]:
        negative = negative.topk(hard, dim=1, sorted=False).values
    near = (near / tau).masked_fill(near_banned.to(device), MASKED)
    logits = torch.cat([positive / tau, negative, near], 1)
    return F.cross_entropy(logits, torch.zeros(len(logits), dtype=torch.int64, device=device))


def with_others(c: Candidates, sims: tuple[Tensor, Tensor, Tensor]) -> tuple[tuple[Tensor, Tensor, Tensor], Tensor]:
    """Coarse similarities and excluded negatives, with those of other patients; probable same places are excluded."""
    banned = c.banned["coarse"]
    if c.others is None:
        return sims, banned
    positive, negative, near = sims
    cosine = c.anchor["coarse"] @ c.others.t()
    return (positive, torch.cat([negative, cosine], 1), near), torch.cat(
        [banned, (cosine > SAME_PLACE).to(banned.device)], 1
    )


def direction_loss(c: Candidates, config: LossConfig) -> dict[str, Tensor]:
    """Fine, coarse and combined InfoNCE of one direction; combined: of the mean similarity that matching uses.

    `hit` is the share of anchors whose positive has the highest mean similarity.
    """
    if len(next(iter(c.anchor.values()))) == 0:
        return {}
    sims = {h: similarities(c, h) for h in ("fine", "coarse")}
    tau, hard = config.temperature, config.hard
    out = {"fine": info_nce(sims["fine"], c.banned["fine"], c.near_banned["fine"], tau, hard)}
    out["coarse"] = info_nce(*with_others(c, sims["coarse"]), c.near_banned["coarse"], tau, hard)
    mean = tuple((f + g) / 2 for f, g in zip(sims["fine"], sims["coarse"], strict=True))
    out["combined"] = info_nce(mean, c.banned["fine"], c.near_banned["fine"], tau * 0.75, hard)
    with torch.no_grad():
        top = torch.cat([mean[1].masked_fill(c.banned["fine"].to(mean[1].device), -1), mean[2]], 1).max(1).values
        out["hit"] = (mean[0][:, 0] > top).float().mean()
    return out


def intra_loss(
    views: tuple[View, View],
    maps: tuple[FeatureMaps, FeatureMaps],
    config: LossConfig,
    rng: torch.Generator,
    others: Sequence[Shown] = (),
) -> dict[str, Tensor]:
    """Mean of both directions; `total` is weighted. Empty if the views have no corresponding points.

    The views show one patient, or the CT and the MR of one; `others` show other patients.
    """
    candidates = pair_candidates(views, maps, config, rng, others)
    parts = [p for p in (direction_loss(c, config) for c in candidates) if p]
    if not parts:
        return {}
    out = {k: torch.stack([p[k] for p in parts]).mean() for k in parts[0]}
    out["total"] = (
        config.fine_weight * out["fine"]
        + config.coarse_weight * out["coarse"]
        + config.combined_weight * out["combined"]
    )
    return out
