"""Distillation: samples, losses, queue, resume."""

import dataclasses
import math
import tempfile
import unittest
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from samepoint_training import checkpoint
from samepoint_training.config import StudentConfig, TrainingConfig, as_json, parse_config
from samepoint_training.distillation import (
    HEADS,
    DistillationTrainer,
    SampleSource,
    VectorQueue,
    at_voxels,
    freeze_norm,
    joined,
    voxel_nce,
)
from samepoint_training.errors import ConfigError
from samepoint_training.network import EmbeddingNet
from samepoint_training.pairs import RegisteredPair
from samepoint_training.smoothmap import rotation
from samepoint_training.train import Trainer, TrainingSet
from tests.fixtures import TWO_PHASES, ramp_volume, tiny_training


def tiny_student(**changes: object) -> TrainingConfig:
    """A student whose step needs well under a second."""
    student = StudentConfig(teacher="none", crop=(16, 24, 24), anchors=64, queries=32, bfloat16=False, **changes)
    return dataclasses.replace(tiny_training(), network=TWO_PHASES, student=student)


def teacher() -> EmbeddingNet:
    torch.manual_seed(3)
    return EmbeddingNet(TWO_PHASES)


def pair_of(matrix: torch.Tensor, shift: torch.Tensor) -> RegisteredPair:
    """The ramp volume as both images."""
    volume = ramp_volume()
    return RegisteredPair(volume, volume, matrix, shift, volume.body)


def trainer(**changes: object) -> DistillationTrainer:
    volume = ramp_volume()
    data = TrainingSet([volume], [volume], [volume], [], [pair_of(torch.eye(3), torch.zeros(3))])
    return DistillationTrainer(tiny_student(**changes), data, "cpu", teacher())


class SampleTest(unittest.TestCase):
    def test_the_crop_lies_in_the_view_and_on_the_coarse_grid(self) -> None:
        made = trainer().samples
        starts = set()
        for seed in range(12):
            sample = made.draw(torch.Generator().manual_seed(seed))
            self.assertEqual(sample.teacher.shape[2:], (24, 32, 32))
            self.assertEqual(sample.students.shape, (2, 1, 16, 24, 24))
            self.assertEqual(sample.body.shape, (8, 12, 12))
            starts.add(sample.start)
        self.assertTrue(all(s % 8 == 0 for start in starts for s in start))
        self.assertGreater(len(starts), 2)

    def test_the_mr_of_a_pair_is_sampled_at_the_registered_place(self) -> None:
        matrix, shift = rotation([0, 0, 20]), torch.tensor([4.0, -3.0, 2.0])
        pair = pair_of(matrix, shift)
        points = torch.tensor([[30.0, 40.0, 50.0], [10.0, 20.0, 30.0]])
        places = pair.in_mr(points.t().view(3, 2, 1, 1)).view(3, 2).t()
        torch.testing.assert_close(places, points @ matrix.t() + shift)

    def test_voxels_outside_the_field_of_view_of_the_mr_are_not_drawn(self) -> None:
        source: SampleSource = trainer(pair_chance=1.0).samples
        source.data = dataclasses.replace(source.data, registered=[pair_of(torch.eye(3), torch.tensor([900.0, 0, 0]))])
        sample = source.draw(torch.Generator().manual_seed(1))
        self.assertEqual(int(sample.body.sum()), 0)


class LossTest(unittest.TestCase):
    def test_nce_equals_the_cross_entropy_by_hand(self) -> None:
        a = F.normalize(torch.randn(3, 4, generator=torch.Generator().manual_seed(1)), dim=1)
        b = F.normalize(torch.randn(5, 4, generator=torch.Generator().manual_seed(2)), dim=1)
        banned = torch.zeros(3, 5, dtype=torch.bool)
        banned[0, 3] = True
        extra = torch.tensor([[0.5], [0.1], [-0.2]])
        loss, _ = voxel_nce(a, b, banned, 0.1, extra)
        total = 0.0
        for i in range(3):
            terms = [math.exp(float(a[i] @ b[j]) / 0.1) for j in range(5) if not banned[i, j]]
            terms.append(math.exp(float(extra[i])))
            total -= float(a[i] @ b[i]) / 0.1 - math.log(sum(terms))
        self.assertAlmostEqual(float(loss), total / 3, places=4)

    def test_hits_count_rows_whose_own_partner_is_most_similar(self) -> None:
        a = torch.eye(3)
        b = torch.tensor([[1.0, 0, 0], [0, 0, 1.0], [0, 1.0, 0]])
        self.assertAlmostEqual(float(voxel_nce(a, b, torch.zeros(3, 3, dtype=torch.bool), 0.1)[1]), 1 / 3)

    def test_joined_rows_have_the_weighted_similarity(self) -> None:
        rng = torch.Generator().manual_seed(1)
        rows = [{h: F.normalize(torch.randn(2, 5, generator=rng), dim=1) for h in HEADS} for _ in range(2)]
        cosines = {h: (rows[0][h] * rows[1][h]).sum(1) for h in HEADS}
        wanted = 0.25 * cosines["fine"] + 0.45 * cosines["coarse"] + 0.3 * cosines["semantic"]
        torch.testing.assert_close((joined(rows[0]) * joined(rows[1])).sum(1), wanted)

    def test_the_queue_gives_other_patients_only_and_masks_the_same_place(self) -> None:
        queue, student = VectorQueue(), torch.eye(2)
        queue.push("a", torch.eye(2))
        self.assertIsNone(queue.logits("a", student, student, 0.1))
        logits = queue.logits("b", student, student, 0.1)
        self.assertLess(float(logits[0, 0]), -1000)
        self.assertEqual(float(logits[0, 1]), 0.0)

    def test_rows_at_voxels_are_those_of_the_maps(self) -> None:
        net = teacher().eval()
        with torch.no_grad():
            image = torch.randn(2, 1, 16, 24, 24)
            raw, whole = net.raw(image), net(image)
        index = torch.tensor([[1, 2, 3], [7, 11, 0]])
        rows = at_voxels(raw, 1, index, TWO_PHASES)
        for head in ("fine", "semantic"):
            torch.testing.assert_close(rows[head], whole[head][1][:, index[:, 0], index[:, 1], index[:, 2]].t())
        self.assertEqual(rows["coarse"].shape, (2, 8))


class StudentTrainerTest(unittest.TestCase):
    def test_a_student_with_the_weights_of_the_teacher_has_its_vectors(self) -> None:
        made = trainer()
        made.begin()
        image = torch.randn(1, 1, 16, 24, 24)
        ours, theirs = made.ema(image), made.teacher(image)
        for head in HEADS:
            torch.testing.assert_close(ours[head], theirs[head])

    def test_training_changes_the_student_and_not_the_teacher(self) -> None:
        made = trainer()
        made.begin()
        before = {k: v.clone() for k, v in made.teacher.state_dict().items()}
        losses = [made.train_step() for _ in range(2)]
        self.assertTrue(all(math.isfinite(row["total"]) and -1 <= row["cosine"] <= 1 for row in losses))
        for key, value in made.teacher.state_dict().items():
            torch.testing.assert_close(value, before[key])
        own = made.net.state_dict()
        self.assertFalse(torch.equal(own["neck.fpn_convs.0.conv.weight"], before["neck.fpn_convs.0.conv.weight"]))

    def test_frozen_norms_keep_the_averaged_statistics(self) -> None:
        made = trainer(frozen_norm_from=1)
        made.begin()
        made.train_step()
        made.train_step()
        norms = [m for m in made.net.modules() if isinstance(m, nn.BatchNorm3d)]
        self.assertTrue(norms and not any(m.training for m in norms))
        again = teacher().train()
        freeze_norm(again, made.ema)
        first = next(m for m in again.modules() if isinstance(m, nn.BatchNorm3d))
        torch.testing.assert_close(first.running_mean, made.ema.backbone.conv1.bn.running_mean)

    def test_a_resumed_student_has_its_weights_and_step(self) -> None:
        made = trainer()
        made.begin()
        made.train_step()
        with tempfile.TemporaryDirectory() as folder:
            checkpoint.save(Path(folder) / "last.pt", made.state())
            other = trainer()
            other.restore(checkpoint.load(Path(folder) / "last.pt"))
        self.assertEqual(other.step, 1)
        for a, b in zip(made.net.state_dict().values(), other.net.state_dict().values(), strict=True):
            torch.testing.assert_close(a, b)

    def test_a_configuration_round_trips_and_names_bad_keys(self) -> None:
        config = tiny_student()
        self.assertEqual(parse_config(as_json(config)), config)
        with self.assertRaisesRegex(ConfigError, "student.contrast.*sped"):
            parse_config({"name": "x", "student": {"teacher": "t", "contrast": {"sped": 1}}})
        with self.assertRaisesRegex(ConfigError, "teacher"):
            parse_config({"name": "x", "student": {}})
        with self.assertRaisesRegex(ConfigError, "section student"):
            DistillationTrainer(tiny_training(), TrainingSet([], [], [], []), "cpu", teacher())

    def test_the_teacher_needs_all_heads(self) -> None:
        net = EmbeddingNet(dataclasses.replace(TWO_PHASES, semantic_embedding=0))
        with self.assertRaisesRegex(ConfigError, "heads"):
            DistillationTrainer(tiny_student(), TrainingSet([], [], [], []), "cpu", net)

    def test_a_plain_run_begins_with_random_weights(self) -> None:
        made = Trainer(tiny_training(), TrainingSet([], [], [], []), "cpu")
        before = [p.clone() for p in made.net.parameters()]
        made.begin()
        self.assertTrue(all(torch.equal(a, b) for a, b in zip(before, made.net.parameters(), strict=True)))


if __name__ == "__main__":
    unittest.main()
