"""Small synthetic volumes and configurations shared by the tests; no image data."""

from __future__ import annotations

import dataclasses

import torch

from samepoint_training.config import AugmentConfig, LossConfig, ScheduleConfig, TrainingConfig
from samepoint_training.data import Volume, as_tensors, find_landmarks
from samepoint_training.landmarks import find_anchors
from samepoint_training.network import NetworkConfig

TINY = NetworkConfig(
    channels=(4, 6, 8, 8),
    blocks=(1, 1, 1, 1),
    kernels=((1, 3, 3), (3, 3, 3), (3, 3, 3), (3, 3, 3)),
    strides=((1, 1, 1), (2, 2, 2), (2, 2, 2), (2, 2, 2)),
    stem_kernel=(4, 4, 4),
    stem_stride=(2, 2, 2),
    pool=(1, 1, 1),
    windows=((-1000.0, -200.0), (-160.0, 240.0)),
    embedding=8,
    neck_width=6,
    neck_levels=4,
    neck_kernel=(1, 3, 3),
    semantic_embedding=4,
)

TWO_PHASES = dataclasses.replace(TINY, phases=2)

TINY_AUGMENT = AugmentConfig(patch=(24, 32, 32), offset_mm=6.0, elastic_mm=3.0)


def tiny_training() -> TrainingConfig:
    """A configuration whose step needs well under a second."""
    return TrainingConfig(
        name="tiny",
        network=TINY,
        augment=TINY_AUGMENT,
        loss=LossConfig(anchors=16, negatives=64, hard=32, near=4),
        schedule=ScheduleConfig(steps=4, warmup=1, decay=1, headneck_chance=0.5, threads=1),
    )


def ramp_volume(organs: bool = False) -> Volume:
    """A 40x44x48 volume at 3x2x2 mm whose value is a linear function of the position, so sampling is exact."""
    size, spacing = (40, 44, 48), torch.tensor([3.0, 2.0, 2.0])
    z, y, x = torch.meshgrid(*[torch.arange(n, dtype=torch.float32) for n in size], indexing="ij")
    image = 1000.0 + 1.0 * z * spacing[0] + 2.0 * y * spacing[1] + 4.0 * x * spacing[2]
    body = torch.tensor([[54.0, 40.0, 44.0], [60.0, 44.0, 50.0]])
    labels, landmarks, anchors = None, (), {}
    if organs:
        labels = torch.zeros(size, dtype=torch.uint8)
        labels[16:22, 18:26, 20:28] = 1
        labels[16:22, 26:32, 20:28] = 3
        landmarks = find_landmarks(labels.numpy(), spacing.numpy())
        anchors = as_tensors(find_anchors(labels.numpy(), spacing.numpy()))
    return Volume("ramp", image, spacing, body, labels, landmarks, anchors)
