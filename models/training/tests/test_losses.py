"""Losses reward the right match, reach every head with gradients and handle empty cases."""

import unittest
from collections.abc import Sequence

import torch

from samepoint_training.augment import View, random_pair
from samepoint_training.config import LossConfig
from samepoint_training.features import FeatureMaps, interpolate, split_batch
from samepoint_training.interloss import organ_contrast, organ_loss, voxel_labels
from samepoint_training.landmarks import patient_map
from samepoint_training.losses import info_nce, intra_loss
from samepoint_training.network import EmbeddingNet
from tests.fixtures import TINY, TINY_AUGMENT, ramp_volume

CONFIG = LossConfig(anchors=16, negatives=64, hard=32, near=4)


def rng(seed: int = 3) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


class InfoNceTest(unittest.TestCase):
    def test_value_of_a_hand_made_row(self) -> None:
        positive, negative = torch.tensor([[1.0]]), torch.tensor([[0.0, 0.0, 1.0]])
        banned = torch.tensor([[False, False, True]])
        near = torch.zeros(1, 0)
        loss = info_nce((positive, negative, near), banned, near.bool(), 1.0, 3)
        self.assertAlmostEqual(float(loss), float(torch.log(1 + 2 * torch.exp(torch.tensor(-1.0)))), places=5)

    def test_hard_keeps_the_largest_negatives(self) -> None:
        sims = (torch.tensor([[0.5]]), torch.tensor([[0.9, -0.9, -0.9]]), torch.zeros(1, 0))
        banned, none = torch.zeros(1, 3, dtype=torch.bool), torch.zeros(1, 0, dtype=torch.bool)
        one = info_nce(sims, banned, none, 0.1, 1)
        self.assertAlmostEqual(float(one), float(torch.log1p(torch.exp(torch.tensor(4.0)))), places=4)

    def test_gradient_agrees_with_finite_differences(self) -> None:
        none = torch.zeros(3, 2, dtype=torch.bool)
        banned = torch.zeros(3, 5, dtype=torch.bool)
        banned[0, 1] = True
        parts = [torch.rand(3, n, dtype=torch.float64, generator=rng(n)).requires_grad_() for n in (1, 5, 2)]
        self.assertTrue(torch.autograd.gradcheck(lambda *s: info_nce(s, banned, none, 0.5, 0), parts))


class SamplingTest(unittest.TestCase):
    def test_integer_indices_return_the_voxel(self) -> None:
        features = torch.nn.functional.normalize(torch.randn(5, 3, 4, 6, generator=rng()), dim=0)
        row = interpolate(features, torch.tensor([[2.0, 1.0, 4.0]]))[0]
        self.assertLess(float((row - features[:, 2, 1, 4]).abs().max()), 1e-5)

    def test_coarse_index_aligns_block_centres(self) -> None:
        maps = {"fine": torch.zeros(1, 8, 16, 16), "coarse": torch.zeros(1, 2, 2, 2)}
        index = FeatureMaps(maps, (4, 8, 8)).head_index(torch.tensor([[1.5, 3.5, 11.5]]), "coarse")
        self.assertTrue(torch.allclose(index, torch.tensor([[0.0, 0.0, 1.0]])))


class PatientMapTest(unittest.TestCase):
    def test_an_affine_map_is_recovered_near_its_landmarks(self) -> None:
        source = 100 * torch.rand(30, 3, generator=rng())
        turn = torch.tensor([[1.1, 0.05, 0.0], [-0.05, 0.95, 0.0], [0.0, 0.0, 1.0]])
        shift = torch.tensor([5.0, -8.0, 12.0])
        mapped = patient_map(source, source @ turn + shift)
        self.assertLess(float((mapped.at(source) - source @ turn - shift).norm(dim=1).max()), 2.0)

    def test_one_landmark_gives_a_shift(self) -> None:
        mapped = patient_map(torch.tensor([[10.0, 20.0, 30.0]]), torch.tensor([[13.0, 20.0, 26.0]]))
        moved = mapped.at(torch.tensor([[110.0, 20.0, 30.0]]))
        self.assertTrue(torch.allclose(moved, torch.tensor([[113.0, 20.0, 26.0]]), atol=1e-4))

    def test_ends_of_a_box(self) -> None:
        anchors = ramp_volume(organs=True).anchors
        self.assertEqual(sorted(anchors), [*range(10, 17), *range(30, 37)])
        self.assertTrue(torch.allclose(anchors[11], torch.tensor([48.0, 43.0, 47.0])))
        self.assertTrue(torch.allclose(anchors[12], torch.tensor([63.0, 43.0, 47.0])))


class WholeLossTest(unittest.TestCase):
    def setUp(self) -> None:
        torch.manual_seed(0)
        self.net = EmbeddingNet(TINY)
        self.volumes = [ramp_volume(organs=True), ramp_volume(organs=True)]
        self.pairs = [random_pair(v, rng(k), TINY_AUGMENT, (2, 2, 2)) for k, v in enumerate(self.volumes)]

    def maps(self, views: Sequence[View]) -> tuple:
        return split_batch(self.net.raw(torch.cat([v.image for v in views])), TINY)

    def test_intra_loss_reaches_fine_and_coarse_heads(self) -> None:
        maps = self.maps(self.pairs[0])
        loss = intra_loss(self.pairs[0], (maps[0], maps[1]), CONFIG, rng())
        loss["total"].backward()
        for head in (self.net.neck, self.net.read_out_head, self.net.backbone):
            self.assertGreater(sum(float(p.grad.abs().sum()) for p in head.parameters()), 0.0)
        self.assertTrue(all(p.grad is None for p in self.net.semantic_head.parameters()))

    def test_organ_loss_reaches_the_semantic_head(self) -> None:
        views = (self.pairs[0][0], self.pairs[1][0])
        loss = organ_loss(self.volumes, views, self.maps(views), CONFIG, rng())
        self.assertIn("inter", loss)
        self.assertIn("dense", loss)
        loss["total"].backward()
        self.assertGreater(sum(float(p.grad.abs().sum()) for p in self.net.semantic_head.parameters()), 0.0)

    def test_labels_follow_the_view(self) -> None:
        labels = voxel_labels(self.volumes[0], self.pairs[0][0])
        z, y, x = torch.nonzero(labels == 1)[0]
        source = self.pairs[0][0].source[:, z, y, x] / self.volumes[0].spacing
        self.assertTrue(16 - 0.5 <= float(source[0]) <= 21.5)

    def test_separated_organs_cost_less_than_mixed_ones(self) -> None:
        labels = torch.tensor([1] * 6 + [2] * 6)
        axes = torch.eye(2)
        matched = organ_contrast(axes[labels - 1], labels)
        mixed = organ_contrast(axes[torch.arange(12) % 2], labels)
        self.assertLess(float(matched), float(mixed))
        self.assertIsNone(organ_contrast(axes[labels - 1], torch.zeros(12, dtype=torch.int64)))


if __name__ == "__main__":
    unittest.main()
