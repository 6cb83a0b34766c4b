"""Losses between two patients: the organ-supervised semantic head of UAE-S, and InfoNCE of points near organs."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from .augment import View
from .config import LossConfig
from .data import Volume, organ_points
from .errors import DataError
from .features import FeatureMaps
from .landmarks import COMPACT_ORGANS, patient_map
from .losses import INVERSE_TOLERANCE_MM, at_voxels, info_nce, random_voxels

SEMANTIC_TAU = 0.1
"""Temperature of the semantic loss, as published."""
BACKGROUND_VOXELS = 8000
"""Random background voxels per volume in the semantic loss."""
MIN_SHARED = 7
"""Fewer shared landmarks than one organ gives (7) do not define a map between two patients."""
REACH_MM = 30.0
"""Points farther than this from every landmark are not mapped, mm."""
SPARE_POINTS = 6
"""Points drawn per point wanted: many are far from landmarks or outside the other view."""
MIN_ORGAN_VOXELS = 4
"""An organ with fewer voxels on the 4 mm grid gives no prototype: it would be mostly noise."""


def voxel_labels(volume: Volume, view: View) -> Tensor:
    """Organ label (z, y, x) at every fine voxel of a view, nearest voxel of the label map; 0 outside."""
    if volume.organs is None:
        raise DataError(f"{volume.name}: read without organ labels")
    size = torch.tensor(volume.organs.shape).view(3, 1, 1, 1)
    index = (view.source / volume.spacing.view(3, 1, 1, 1)).round().long()
    ok = ((index >= 0) & (index < size)).all(0)
    index = torch.minimum(index.clamp(min=0), size - 1)
    return volume.organs[index[0], index[1], index[2]].long() * ok


def labelled_features(features: Tensor, labels: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """(rows (V, E), labels (V,)): every organ voxel and a random sample of the others."""
    organ = torch.nonzero(labels.reshape(-1) > 0)[:, 0]
    rest = torch.randint(0, labels.numel(), (BACKGROUND_VOXELS,), generator=rng)
    rest = rest[labels.reshape(-1)[rest] == 0]
    index = torch.cat([organ, rest])
    rows = F.normalize(features.flatten(1)[:, index.to(features.device)].t(), dim=1)
    return rows, labels.reshape(-1)[index].to(features.device)


def organ_contrast(rows: Tensor, labels: Tensor) -> Tensor | None:
    """Semantic loss of UAE-S: the mean vector of each organ against every voxel of both volumes.

    rows: unit features (V, E). labels: (V,), 0 is background. None if no organ has enough voxels.
    """
    terms = []
    for label in torch.unique(labels[labels > 0]):
        own = labels == label
        if int(own.sum()) < MIN_ORGAN_VOXELS:
            continue
        logits = rows @ rows[own].mean(0) / SEMANTIC_TAU
        terms.append(torch.logsumexp(logits, 0) - logits[own].mean())
    return torch.stack(terms).mean() if terms else None


def loose_centroids(volume: Volume) -> dict[int, Tensor]:
    """{label: centroid in mm} of the organs whose contours end at a level that a contouring protocol defines."""
    labels, centres = organ_points(volume)
    return {int(v): c for v, c in zip(labels, centres, strict=True) if int(v) not in COMPACT_ORGANS}


def shared_points(points: Sequence[dict[int, Tensor]], views: Sequence[View]) -> list[Tensor]:
    """Points {code: mm} that both patients have and both views contain: fractional fine indices (N, 3) per view."""
    found = []
    for named, view in zip(points, views, strict=True):
        if not named:
            return [torch.zeros(0, 3), torch.zeros(0, 3)]
        labels = list(named)
        points_there, residual = view.map.inverse_at(torch.stack([named[code] for code in labels]))
        index = view.grid.to_index(points_there)
        size = torch.tensor(view.body.shape)
        ok = (residual < INVERSE_TOLERANCE_MM) & (index > 1).all(1) & (index < size - 2).all(1)
        found.append({v: i for v, i, inside in zip(labels, index, ok, strict=True) if inside})
    both = sorted(set(found[0]) & set(found[1]))
    return [torch.stack([f[v] for v in both]) if both else torch.zeros(0, 3) for f in found]


def mapped_points(
    volumes: Sequence[Volume], views: Sequence[View], count: int, rng: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Points near organs, mapped between the patients: fractional fine indices (N <= count, 3) in both views."""
    nothing = torch.zeros(0, 3)
    shared = sorted(set(volumes[0].anchors) & set(volumes[1].anchors))
    if len(shared) < MIN_SHARED:
        return nothing, nothing
    source, target = (torch.stack([v.anchors[code] for code in shared]) for v in volumes)
    index = random_voxels(views[0].body, SPARE_POINTS * count, rng)
    position = at_voxels(views[0].source, index)
    close = torch.cdist(position, source).min(1).values < REACH_MM
    index, position = index[close].float(), position[close]
    points, residual = views[1].map.inverse_at(patient_map(source, target).at(position))
    there = views[1].grid.to_index(points)
    size = torch.tensor(views[1].body.shape)
    ok = (residual < INVERSE_TOLERANCE_MM) & (there >= 0).all(1) & (there <= size - 1).all(1)
    near = torch.minimum(there.round().long().clamp(min=0), size - 1)
    ok &= views[1].body[near[:, 0], near[:, 1], near[:, 2]]
    return index[ok][:count], there[ok][:count]


def point_contrast(
    anchor: FeatureMaps,
    at: Tensor,
    other: FeatureMaps,
    there: Tensor,
    view: View,
    ignore_mm: float,
    config: LossConfig,
    rng: torch.Generator,
) -> Tensor:
    """InfoNCE of a landmark against the rest of the other view, with and without the semantic head.

    at, there: fractional fine indices (N, 3) in the anchor's view and in `view`. ignore_mm: no negatives closer than
    this.
    """
    heads = tuple(anchor.heads)
    index = random_voxels(view.body, config.negatives, rng).float()
    step = torch.tensor(view.grid.stride, dtype=torch.float32) * view.grid.spacing_mm
    banned = torch.cdist(there * step, index * step) < ignore_mm
    a, b, n = (f.sample(i, heads) for f, i in ((anchor, at), (other, there), (other, index)))
    positive = {h: (a[h] * b[h]).sum(1, keepdim=True) for h in heads}
    negative = {h: a[h] @ n[h].t() for h in heads}
    empty = torch.zeros(len(at), 0, device=next(iter(positive.values())).device)
    terms = []
    for used in dict.fromkeys((("fine", "coarse"), heads)):
        sims = (sum(positive[h] for h in used) / len(used), sum(negative[h] for h in used) / len(used), empty)
        terms.append(info_nce(sims, banned, empty.bool(), config.temperature * 0.75, config.hard))
    return torch.stack(terms).mean()


def organ_loss(
    volumes: Sequence[Volume],
    views: tuple[View, View],
    maps: Sequence[FeatureMaps],
    config: LossConfig,
    rng: torch.Generator,
) -> dict[str, Tensor]:
    """Loss terms of two patients: semantic head, landmarks, mapped points. `total` is weighted. May be empty."""
    out: dict[str, Tensor] = {}
    parts = [
        labelled_features(m.heads["semantic"], voxel_labels(v, w), rng)
        for m, v, w in zip(maps, volumes, views, strict=True)
    ]
    semantic = organ_contrast(torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts]))
    if semantic is not None:
        out["semantic"] = semantic
        out["total"] = config.semantic_weight * semantic
    landmarks = shared_points([v.anchors for v in volumes], views)
    loose = shared_points([loose_centroids(v) for v in volumes], views)
    mapped = mapped_points(volumes, views, config.anchors, rng)
    dense = [torch.cat(parts) for parts in zip(loose, mapped, strict=True)]
    for name, (first, second), ignore in (
        ("inter", landmarks, config.inter_ignore_mm),
        ("dense", dense, config.dense_ignore_mm),
    ):
        if len(first):
            out[name] = 0.5 * (
                point_contrast(maps[0], first, maps[1], second, views[1], ignore, config, rng)
                + point_contrast(maps[1], second, maps[0], first, views[0], ignore, config, rng)
            )
            out["total"] = out.get("total", 0.0) + config.inter_weight * out[name]
    return out
