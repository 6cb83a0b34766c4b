"""Interpolation of features, grids of heads, and batches."""

import unittest

import torch
from torch.nn import functional as F

from samepoint_training.features import FeatureMaps, interpolate, split_batch
from samepoint_training.matching import SAM, UAE_S, match, upsampled_peak
from samepoint_training.network import NetworkConfig
from tests.fixtures import TINY


def generator(seed: int = 5) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


class InterpolationTest(unittest.TestCase):
    def test_between_two_voxels_the_vector_is_the_normalised_mean(self) -> None:
        features = torch.zeros(2, 1, 1, 2)
        features[0, 0, 0, 0], features[1, 0, 0, 1] = 1.0, 1.0
        rows = interpolate(features, torch.tensor([[0.0, 0.0, 0.5], [0.0, 0.0, 0.25]]))
        self.assertTrue(torch.allclose(rows[0], torch.tensor([0.5**0.5, 0.5**0.5]), atol=1e-5))
        expected = torch.tensor([0.75, 0.25]) / (0.75**2 + 0.25**2) ** 0.5
        self.assertTrue(torch.allclose(rows[1], expected, atol=1e-5))

    def test_beyond_the_border_the_border_is_repeated(self) -> None:
        features = F.normalize(torch.randn(4, 3, 4, 5, generator=generator()), dim=0)
        row = interpolate(features, torch.tensor([[-3.0, 9.0, 2.0]]))[0]
        self.assertTrue(torch.allclose(row, features[:, 0, 3, 2], atol=1e-5))

    def test_a_longer_vector_weighs_more(self) -> None:
        # Normalised after interpolation, as published: the map holds vectors of any length.
        features = torch.zeros(2, 1, 1, 2)
        features[0, 0, 0, 0], features[1, 0, 0, 1] = 3.0, 1.0
        row = interpolate(features, torch.tensor([[0.0, 0.0, 0.5]]))[0]
        self.assertTrue(torch.allclose(row, torch.tensor([3.0, 1.0]) / 10**0.5, atol=1e-5))


class GridTest(unittest.TestCase):
    def test_other_heads_share_the_fine_index(self) -> None:
        maps = FeatureMaps({"fine": torch.zeros(1, 4, 4, 4)}, (2, 2, 2))
        index = torch.tensor([[1.0, 2.0, 3.0]])
        for head in ("fine", "semantic"):
            self.assertTrue(torch.equal(maps.head_index(index, head), index))

    def test_the_coarse_map_on_the_fine_grid_has_unit_vectors_and_the_fine_size(self) -> None:
        maps = FeatureMaps(
            {
                "fine": torch.randn(3, 5, 6, 7, generator=generator()),
                "coarse": torch.randn(3, 2, 2, 2, generator=generator()),
            },
            (4, 4, 4),
        )
        rows = maps.on_fine_grid("coarse")
        self.assertEqual(tuple(rows.shape), (3, 5 * 6 * 7))
        self.assertTrue(torch.allclose(rows.norm(dim=0), torch.ones(210), atol=1e-5))

    def test_a_batch_is_split_with_the_ratio_of_the_strides(self) -> None:
        out = {"fine": torch.randn(2, 8, 4, 4, 4), "coarse": torch.randn(2, 8, 1, 1, 1)}
        first, second = split_batch(out, TINY)
        # Coarse stride 16, fine stride 2.
        self.assertEqual(first.coarse_ratio, (8, 8, 8))
        self.assertTrue(torch.equal(second.heads["fine"], out["fine"][1]))
        published = split_batch({"fine": out["fine"]}, NetworkConfig())[0]
        self.assertEqual(published.coarse_ratio, (2, 8, 8))


class PeakTest(unittest.TestCase):
    def test_the_peak_of_the_upsampled_map_is_found(self) -> None:
        sims = torch.rand(6, 4, 5, 6, generator=generator())
        large = F.interpolate(sims[:, None], scale_factor=2, mode="trilinear", align_corners=False)[:, 0]
        for found, own, upsampled in zip(upsampled_peak(sims), sims, large, strict=True):
            _, h, w = own.shape
            best = int(own.argmax())
            corner = torch.tensor([best // (h * w), best // w % h, best % w]) * 2
            # Of the eight working voxels of the best fine voxel, the one with the largest upsampled similarity.
            z, y, x = corner.tolist()
            block = upsampled[z : z + 2, y : y + 2, x : x + 2]
            place = int(block.argmax())
            self.assertEqual((found - corner).tolist(), [place // 4, place // 2 % 2, place % 2])

    def test_equal_neighbours_do_not_decide(self) -> None:
        self.assertEqual(upsampled_peak(torch.eye(3).view(1, 3, 3, 1)[:, :1]).shape, (1, 3))


class MatchTest(unittest.TestCase):
    def setUp(self) -> None:
        fine = F.normalize(torch.randn(6, 6, 6, 6, generator=generator()), dim=0)
        semantic = F.normalize(torch.randn(6, 6, 6, 6, generator=generator(6)), dim=0)
        coarse = torch.ones(2, 1, 1, 1)
        self.maps = FeatureMaps({"fine": fine, "coarse": coarse, "semantic": semantic}, (6, 6, 6))

    def shifted(self, head: str, shift: int) -> FeatureMaps:
        """The maps with one head moved along x, around the end."""
        return FeatureMaps({**self.maps.heads, head: self.maps.heads[head].roll(shift, 3)}, (6, 6, 6))

    def test_a_shifted_map_gives_shifted_answers(self) -> None:
        query = torch.tensor([[4.5, 6.5, 2.5], [8.5, 2.5, 4.5]])
        answer = match(self.maps, self.shifted("fine", 2), query, SAM)
        # Two fine voxels are four working voxels; the peak is half a working voxel off at most.
        expected = query + torch.tensor([0.0, 0.0, 4.0])
        self.assertLessEqual(float((answer - expected).abs().max()), 0.5)

    def test_the_heads_are_weighted(self) -> None:
        target = FeatureMaps(
            {
                "fine": self.maps.heads["fine"].roll(1, 3),
                "coarse": self.maps.heads["coarse"],
                "semantic": self.maps.heads["semantic"].roll(3, 3),
            },
            (6, 6, 6),
        )
        query = torch.tensor([[4.5, 6.5, 2.5]])
        by_fine = match(self.maps, target, query, {"fine": 0.9, "semantic": 0.1})
        by_semantic = match(self.maps, target, query, {"fine": 0.1, "semantic": 0.9})
        self.assertLessEqual(abs(float(by_fine[0, 2]) - 4.5), 0.5)
        self.assertLessEqual(abs(float(by_semantic[0, 2]) - 8.5), 0.5)

    def test_the_published_weights_are_means(self) -> None:
        for weights in (SAM, UAE_S):
            self.assertAlmostEqual(sum(weights.values()), 1.0)
            self.assertEqual(len(set(weights.values())), 1)

    def test_without_interpolation_the_nearest_voxel_is_the_query(self) -> None:
        near, exact = torch.tensor([[4.9, 6.1, 2.2]]), torch.tensor([[4.5, 6.5, 2.5]])
        answers = [match(self.maps, self.maps, query, SAM, trilinear=False) for query in (near, exact)]
        self.assertTrue(torch.equal(answers[0], answers[1]))

    def test_many_queries_are_answered_in_chunks(self) -> None:
        query = 2.0 * torch.randint(0, 6, (60, 3), generator=generator()) + 0.5
        answer = match(self.maps, self.maps, query, SAM)
        self.assertEqual(tuple(answer.shape), (60, 3))
        self.assertLessEqual(float((answer - query).abs().max()), 0.5)


if __name__ == "__main__":
    unittest.main()
