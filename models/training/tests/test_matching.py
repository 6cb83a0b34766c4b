"""Matching conventions: half voxels, sub-voxel peaks, follow-ups with known truth."""

import unittest

import torch
from torch.nn import functional as F

from samepoint_training.features import FeatureMaps
from samepoint_training.followup import CASES, make_follow_up, resampled
from samepoint_training.matching import SAM, match, upsampled_peak
from tests.fixtures import ramp_volume


class MatchingTest(unittest.TestCase):
    def test_identical_maps_return_the_query_to_the_working_voxel(self) -> None:
        torch.manual_seed(0)
        fine = F.normalize(torch.randn(8, 6, 9, 7), dim=0)
        coarse = F.normalize(torch.randn(8, 2, 2, 2), dim=0)
        maps = FeatureMaps({"fine": fine, "coarse": coarse}, (4, 8, 8))
        index = torch.tensor([[2.0, 3.0, 4.0], [5.0, 8.0, 0.0]])
        answer = match(maps, maps, index * 2 + 0.5, SAM)
        self.assertLessEqual(float((answer - (index * 2 + 0.5)).abs().max()), 0.5)

    def test_peak_lies_on_the_side_of_the_larger_neighbour(self) -> None:
        sims = torch.zeros(1, 3, 3, 3)
        sims[0, 1, 1, 1], sims[0, 1, 1, 2] = 1.0, 0.9
        self.assertEqual(upsampled_peak(sims)[0, 2].item(), 3.0)
        sims[0, 1, 1, 0], sims[0, 1, 1, 2] = 0.9, 0.0
        self.assertEqual(upsampled_peak(sims)[0, 2].item(), 2.0)

    def test_coarse_upsampling_agrees_with_point_sampling(self) -> None:
        torch.manual_seed(0)
        maps = FeatureMaps({"fine": torch.randn(4, 7, 13, 11), "coarse": torch.randn(4, 2, 2, 2)}, (4, 8, 8))
        grid = torch.stack(torch.meshgrid(*[torch.arange(float(n)) for n in (7, 13, 11)], indexing="ij"))
        rows = maps.sample(grid.flatten(1).t(), ("coarse",))["coarse"]
        self.assertLess(float((rows.t() - maps.on_fine_grid("coarse")).abs().max()), 1e-4)


class FollowUpTest(unittest.TestCase):
    def test_query_and_truth_show_the_same_value_of_a_linear_volume(self) -> None:
        volume = ramp_volume()
        for name in ("easy", "crop"):
            follow = make_follow_up(volume, name, 1, 40)
            z, y, x = (follow.truth / 2).long().unbind(1)
            value = follow.image[z, y, x]
            expected = 1000 + follow.query[:, 0] + 2 * follow.query[:, 1] + 4 * follow.query[:, 2]
            self.assertLess(float((value - expected).abs().median()), 3 * CASES[name].noise_hu)
            self.assertLess(float((value - expected).mean().abs()), 10.0)

    def test_resampling_keeps_the_first_voxel_in_place(self) -> None:
        volume = ramp_volume()
        out = resampled(volume)
        self.assertEqual(out.shape[1:], (44, 48))
        self.assertAlmostEqual(float(out[3, 5, 7]), 1000 + 6 + 20 + 56, delta=0.01)


if __name__ == "__main__":
    unittest.main()
