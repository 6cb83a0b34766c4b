"""Training of a student (knowledge distillation): for an image of any contrast it learns the vectors that a frozen CT
network, the teacher, gives at the same place.

    samepoint-distil --config configs/samepoint-any.json [--until STEP --decay STEPS]

A step renders one random view of a CT. The teacher embeds it; the student embeds a crop of it twice, in two contrasts:
synthetic ones, or that of the MR of the same patient and a synthetic one. Because both networks see one geometry, the
correspondence is the voxel itself, up to the residual of the registration of real pairs. The crop, and a blanked field
of view, prevent the student from reading the place from the border of the patch.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .augment import random_map, sample_volume, working_axes
from .checkpoint import averaged_network
from .config import ContrastConfig, StudentConfig, TrainingConfig
from .contrast import in_hu_range, random_scanner, synthetic_contrast
from .data import FULL_RANGE, Volume
from .errors import ConfigError, command
from .features import FeatureMaps
from .intensity import blank_outside, random_box
from .losses import MASKED, SAME_PLACE, random_voxels
from .network import HU_OFFSET, EmbeddingNet, NetworkConfig, normalise_hu
from .pairs import RegisteredPair
from .smoothmap import SmoothMap, uniform
from .train import PACKAGE, Trainer, TrainingSet, organ_seed, pick, start

HEADS = ("fine", "coarse", "semantic")
SKIN = 500.0
"""HU + 1024 of the smoothed skin threshold, as in augment.py."""
CROP_STEP = 8
"""The crop moves by whole voxels of the coarse grid, working voxels."""
QUEUE_STEPS = 16
"""Steps whose teacher vectors are kept as negatives of the coarse head from other patients."""
QUEUE_ROWS = 160
"""Vectors kept per step."""


@dataclass(frozen=True)
class Sample:
    """The images of a step.

    teacher: (1, 1, Z, Y, X) and students: (2, 1, z, y, x) in network units. start: first working voxel of the crop.
    body: (z', y', x') bool, fine voxels of the crop that may be drawn. name: of the patient.
    """

    teacher: Tensor
    students: Tensor
    start: tuple[int, int, int]
    body: Tensor
    name: str


def fine_blocks(mask: Tensor) -> Tensor:
    """(z, y, x) bool: fine voxels whose 2 x 2 x 2 working voxels are all True, of (Z, Y, X) bool."""
    return F.avg_pool3d(mask[None, None].float(), 2)[0, 0] > 0.999


def body_voxels(image: Tensor) -> Tensor:
    """(z, y, x) bool: fine voxels above the smoothed skin threshold, of (1, 1, Z, Y, X) HU + 1024."""
    smooth = F.avg_pool3d(F.avg_pool3d(image, 3, 1, 1), 2)
    return smooth[0, 0] > SKIN


class SampleSource:
    """Random samples of the training set."""

    def __init__(self, config: TrainingConfig, student: StudentConfig, data: TrainingSet) -> None:
        self.config, self.student, self.data = config, student, data

    def draw(self, rng: torch.Generator) -> Sample:
        """A sample of a CT-MR pair, or of a CT only."""
        if self.data.registered and uniform(rng, 0, 1) < self.student.pair_chance:
            return self.rendered(
                self.data.registered[int(torch.randint(0, len(self.data.registered), (), generator=rng))], rng
            )
        return self.rendered(RegisteredPair(self.draw_ct(rng), None, torch.eye(3), torch.zeros(3)), rng)

    def draw_ct(self, rng: torch.Generator) -> Volume:
        """A head-neck, limb or torso CT."""
        u = uniform(rng, 0, 1)
        if u < self.student.headneck_share and self.data.headneck:
            return pick(self.data.headneck, rng)
        if u < self.student.headneck_share + self.config.data.limb_share and self.data.limb:
            return pick(self.data.limb, rng)
        return self.data.torso[int(torch.multinomial(self.data.torso_odds(), 1, generator=rng))]

    def rendered(self, pair: RegisteredPair, rng: torch.Generator) -> Sample:
        """One view of the CT and the crop of it in two contrasts."""
        augment, crop = self.config.augment, self.student.crop
        seed = self.seed(pair, rng)
        source = self.view_map(seed, rng).on_grid(working_axes(augment.patch, augment.spacing_mm))
        image = sample_volume(pair.ct.image, pair.ct.spacing, source)
        extent = pair.ct.extent().view(3, 1, 1, 1)
        inside = fine_blocks(((source >= 0) & (source <= extent)).all(0)) & body_voxels(image)
        start = tuple(
            CROP_STEP * int(torch.randint(0, (p - c) // CROP_STEP + 1, (), generator=rng))
            for p, c in zip(augment.patch, crop, strict=True)
        )
        box = tuple(slice(s, s + c) for s, c in zip(start, crop, strict=True))
        fine_box = tuple(slice(s // 2, (s + c) // 2) for s, c in zip(start, crop, strict=True))
        body, ct = inside[fine_box], image[(..., *box)]
        first, seen = self.first_contrast(pair, ct, source[(..., *box)], rng)
        second = self.synthetic(ct, rng)
        views, visible = [], body & seen
        for intensity in (first, second):
            window = tuple(slice(0, n) for n in crop)
            if uniform(rng, 0, 1) < augment.crop_chance:
                window = random_box(crop, rng)
            visible = visible & fine_blocks(blank_outside(torch.ones(crop, dtype=torch.bool), window))
            shown = in_hu_range(blank_outside(intensity, window), self.student.mr_window)
            views.append(normalise_hu(shown - HU_OFFSET))
        return Sample(normalise_hu(image - HU_OFFSET), torch.cat(views), start, visible, pair.ct.name)

    def seed(self, pair: RegisteredPair, rng: torch.Generator) -> Tensor:
        """A body point (3,) mm of the CT; for a pair, one in the field of view of the MR."""
        organ = organ_seed(pair.ct, rng) if pair.ct.organs is not None else None
        if organ is not None:
            return organ
        points = pair.ct.body if pair.mr is None else pair.shared
        return points[int(torch.randint(0, len(points), (), generator=rng))]

    def view_map(self, seed: Tensor, rng: torch.Generator) -> SmoothMap:
        """A random map to `seed`."""
        return random_map(rng, seed, self.config.augment, uniform(rng, 0.1, 1.0))

    def first_contrast(
        self, pair: RegisteredPair, ct: Tensor, source: Tensor, rng: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """(intensities in 0..1, fine voxels in the field of view): of the MR where the pair has one."""
        if pair.mr is None:
            return self.synthetic(ct, rng), torch.ones([n // 2 for n in ct.shape[2:]], dtype=torch.bool)
        place = pair.in_mr(source)
        extent = pair.mr.extent().view(3, 1, 1, 1)
        seen = fine_blocks(((place >= 0) & (place <= extent)).all(0))
        image = sample_volume(pair.mr.image, pair.mr.spacing, place) / FULL_RANGE
        return random_scanner(image, rng, real_scanner(self.student.contrast)), seen

    def synthetic(self, ct: Tensor, rng: torch.Generator) -> Tensor:
        """A synthetic contrast with a random scanner."""
        contrast = self.student.contrast
        return random_scanner(synthetic_contrast(ct, rng, contrast), rng, contrast)


def real_scanner(contrast: ContrastConfig) -> ContrastConfig:
    """Ranges for a real MR, which has a bias field, noise and thick slices already."""
    return dataclasses.replace(
        contrast, bias=contrast.bias / 2, noise=contrast.noise / 2, thick_slice_chance=contrast.thick_slice_chance / 3
    )


def voxel_nce(a: Tensor, b: Tensor, banned: Tensor, tau: float, extra: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """(InfoNCE of the rows of `a` against those of `b`, share of them whose best match is the right one).

    a: (N, E), b: (M, E) with M >= N; row i of `a` belongs to row i of `b`, and the others are negatives. banned: (N, M)
    bool, excluded negatives. extra: (N, K) logits of further negatives.
    """
    logits = ((a @ b.t()) / tau).masked_fill(banned, MASKED)
    every = logits if extra is None else torch.cat([logits, extra], 1)
    right = logits.diagonal()
    with torch.no_grad():
        hit = (right >= logits.max(1).values).float().mean()
    return (every.logsumexp(1) - right).mean(), hit


class VectorQueue:
    """Coarse teacher vectors of the last steps; the teacher is frozen, so they stay valid."""

    def __init__(self) -> None:
        self.parts: deque[tuple[str, Tensor]] = deque(maxlen=QUEUE_STEPS)

    def push(self, name: str, rows: Tensor) -> None:
        """Keep some vectors (N, E) of a patient."""
        self.parts.append((name, rows[:QUEUE_ROWS]))

    def logits(self, name: str, student: Tensor, teacher: Tensor, tau: float) -> Tensor | None:
        """(N, M) logits of the student's rows against vectors of other patients; probable same places are masked."""
        rows = [part for owner, part in self.parts if owner != name]
        if not rows:
            return None
        others = torch.cat(rows)
        return (student @ others.t() / tau).masked_fill(teacher @ others.t() > SAME_PLACE, MASKED)


class DistillationTrainer(Trainer):
    """A `Trainer` whose network is the student."""

    def __init__(
        self, config: TrainingConfig, data: TrainingSet, device: str, teacher: EmbeddingNet | None = None
    ) -> None:
        super().__init__(config, data, device)
        if config.student is None:
            raise ConfigError("distillation needs the section student")
        self.student = config.student
        self.teacher = (teacher or averaged_network(PACKAGE / self.student.teacher)[0]).to(device).eval()
        self.teacher.requires_grad_(False)
        if set(HEADS) - set(self.teacher(torch.zeros(1, 1, 16, 16, 16))):
            raise ConfigError(f"{self.student.teacher}: the teacher must have the heads {', '.join(HEADS)}")
        self.teacher.to(memory_format=torch.channels_last_3d)
        self.samples = SampleSource(config, self.student, data)
        self.queue = VectorQueue()

    def begin(self) -> None:
        """The first state of a new run: the weights of the teacher."""
        for net in (self.net, self.ema):
            net.load_state_dict(self.teacher.state_dict())

    def precision(self) -> contextlib.AbstractContextManager:
        """bfloat16 where the configuration wants it."""
        if not self.student.bfloat16:
            return contextlib.nullcontext()
        return torch.autocast(self.device, dtype=torch.bfloat16)

    def losses(self, rng: torch.Generator) -> dict[str, Tensor]:
        """Losses of one sample; the optimiser minimises `total`. Empty if too few body voxels are visible."""
        if self.step >= self.student.frozen_norm_from:
            freeze_norm(self.net, self.ema)
        sample = self.samples.draw(rng)
        if int(sample.body.sum()) < self.student.anchors // 4:
            return {}
        index = random_voxels(sample.body, self.student.anchors, rng)
        with torch.no_grad(), self.precision():
            target = self.teacher.raw(on(self.device, sample.teacher))
        with self.precision():
            out = self.net.raw(on(self.device, sample.students))
        shift = torch.tensor(sample.start) // 2
        truth = at_voxels(target, 0, index + shift, self.teacher.config)
        views = [at_voxels(out, i, index, self.net.config) for i in range(2)]
        return self.compared(sample.name, index.float(), truth, views)

    def compared(
        self, name: str, index: Tensor, truth: dict[str, Tensor], views: list[dict[str, Tensor]]
    ) -> dict[str, Tensor]:
        """Losses of both views against the teacher and of the views against each other."""
        loss, tau, some = self.config.loss, self.config.loss.temperature, self.student.queries
        distance = torch.cdist(index[:some], index) * 2 * self.config.augment.spacing_mm
        off = ~torch.eye(*distance.shape, dtype=torch.bool)
        radius = {"fine": loss.fine_ignore_mm, "semantic": loss.fine_ignore_mm, "coarse": loss.coarse_ignore_mm}
        banned = {h: ((distance < radius[h]) & off).to(self.device) for h in HEADS}
        weight = {"fine": loss.fine_weight, "semantic": loss.semantic_weight, "coarse": loss.coarse_weight}
        out: dict[str, list[Tensor]] = {}
        total = torch.zeros((), device=self.device)
        for rows in views:
            for head in HEADS:
                queries, right = rows[head][:some], truth[head]
                extra = self.queue.logits(name, queries, right[:some], tau) if head == "coarse" else None
                nce, _ = voxel_nce(queries, right, banned[head], tau, extra)
                cosine = (rows[head] * right).sum(1).mean()
                total = total + weight[head] * (nce + self.student.cosine_weight * (1 - cosine))
                out.setdefault(head, []).append(nce.detach())
                out.setdefault("cosine", []).append(cosine.detach())
            nce, hit = voxel_nce(joined(rows)[:some], joined(truth), banned["fine"], tau * 0.75)
            total = total + loss.combined_weight * nce
            out.setdefault("combined", []).append(nce.detach())
            out.setdefault("hit", []).append(hit)
        total = total / len(views)
        if self.student.mutual_weight:
            nce, hit = voxel_nce(joined(views[0])[:some], joined(views[1]), banned["fine"], tau * 0.75)
            total = total + self.student.mutual_weight * nce
            out["mutual"], out["mutual_hit"] = [nce.detach()], [hit]
        self.queue.push(name, truth["coarse"])
        return {"total": total, **{key: torch.stack(values).mean() for key, values in out.items()}}


JOINED = {"fine": 0.25, "coarse": 0.45, "semantic": 0.3}
"""Shares of the similarities in matching with samepoint-ct."""


def joined(rows: dict[str, Tensor]) -> Tensor:
    """(N, sum of E) rows whose scalar products are the weighted sums of the heads' cosines."""
    return torch.cat([rows[head] * JOINED[head] ** 0.5 for head in HEADS], 1)


def at_voxels(out: dict[str, Tensor], item: int, index: Tensor, config: NetworkConfig) -> dict[str, Tensor]:
    """{head: (N, E) unit rows} of one item of a batch at whole fine indices (N, 3).

    A gather: interpolation of whole maps, of which a few voxels are read, would cost more than the network.
    """
    ratio = tuple(c // f for c, f in zip(config.coarse_stride(), config.fine_stride(), strict=True))
    z, y, x = index.to(out["fine"].device).unbind(1)
    rows = {h: F.normalize(out[h][item][:, z, y, x].t().float(), dim=1) for h in ("fine", "semantic")}
    maps = FeatureMaps({"coarse": out["coarse"][item].float().contiguous()}, ratio)
    return {**rows, **maps.sample(index.float(), ("coarse",))}


def on(device: str, image: Tensor) -> Tensor:
    """The image on a device, channels last."""
    return image.to(device).contiguous(memory_format=torch.channels_last_3d)


def freeze_norm(net: EmbeddingNet, ema: EmbeddingNet) -> None:
    """Batch norms of `net` use the averaged statistics, as at inference.

    A batch of one contrast normalises that contrast; fixed statistics do not, and the last part of the training must
    see what inference sees.
    """
    for module, mean in zip(net.modules(), ema.modules(), strict=True):
        if isinstance(module, nn.BatchNorm3d) and module.training:
            module.running_mean.copy_(mean.running_mean)
            module.running_var.copy_(mean.running_var)
            module.eval()


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Start or resume the training of a student."""
    start(argv, DistillationTrainer, __doc__)


if __name__ == "__main__":
    main()
