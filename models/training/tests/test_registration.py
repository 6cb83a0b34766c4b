"""Registration of made-up pairs with a known map."""

import unittest

import numpy as np
import torch
from scipy import ndimage

from samepoint_training.registration import (
    BINS,
    Image,
    RigidMap,
    best_translation,
    descriptor_measure,
    information_measure,
    mind_ssc,
    mutual_information,
    optimised,
    rigid,
    sampled,
)
from samepoint_training.smoothmap import rotation

SPACING = torch.tensor([2.0, 2.0, 2.0])


def tissue(seed: int = 1) -> torch.Tensor:
    """A smooth random CT, HU."""
    rng = np.random.default_rng(seed)
    noise = ndimage.gaussian_filter(rng.standard_normal((40, 44, 48)), 3)
    return torch.from_numpy((noise / noise.std() * 120).astype(np.float32))


def mr_of(ct: Image, truth: RigidMap) -> Image:
    """An inverted, curved contrast of the CT, moved by `truth`: MR(truth(p)) = f(CT(p))."""
    index = torch.stack(torch.meshgrid(*[torch.arange(n) for n in ct.array.shape], indexing="ij"), -1).view(-1, 3)
    places = index * SPACING + ct.origin
    back = (places - truth.shift) @ truth.matrix
    values = sampled(ct, ct.array[None], back)[0].view(ct.array.shape)
    return Image(2000.0 - 4.0 * values + 0.005 * values.square(), SPACING, ct.origin)


class MeasureTest(unittest.TestCase):
    def test_mutual_information_is_2_for_equal_rows_and_about_1_for_independent_ones(self) -> None:
        rng = torch.Generator().manual_seed(1)
        a = (torch.rand(20_000, generator=rng) * (BINS - 1)).round() / (BINS - 1)
        self.assertAlmostEqual(mutual_information(a, a), 2.0, delta=0.01)
        self.assertAlmostEqual(mutual_information(a, torch.rand(20_000, generator=rng)), 1.0, delta=0.01)

    def test_mind_does_not_depend_on_a_linear_change_of_the_intensities(self) -> None:
        image = tissue()
        torch.testing.assert_close(mind_ssc(image), mind_ssc(500.0 - 3.0 * image), atol=2e-3, rtol=0)
        self.assertEqual(mind_ssc(image).shape, (12, *image.shape))


class PairTest(unittest.TestCase):
    def setUp(self) -> None:
        self.ct = Image(tissue(), SPACING, torch.tensor([-30.0, 12.0, 5.0]))
        index = torch.nonzero(torch.ones_like(self.ct.array, dtype=torch.bool))
        pick = torch.randperm(len(index), generator=torch.Generator().manual_seed(1))[:4000]
        self.points = index[pick] * SPACING + self.ct.origin
        self.centre = self.points.mean(0)

    def test_the_translation_of_best_gradients_is_found(self) -> None:
        for move in ([8.0, -6.0, 12.0], [-14.0, 4.0, 0.0]):
            mr = mr_of(self.ct, RigidMap(torch.eye(3), torch.tensor(move)))
            self.assertEqual(best_translation(self.ct, mr).tolist(), move)

    def test_both_measures_find_a_rigid_map(self) -> None:
        matrix = rotation([0.0, 3.0, 0.0])
        move = torch.tensor([2.0, -3.0, 1.0])
        truth = RigidMap(matrix, self.centre + move - matrix @ self.centre)
        mr = mr_of(self.ct, truth)
        for make in (information_measure, descriptor_measure):
            measure = make(self.ct, mr, self.points)
            found, value = optimised(measure, self.centre, [np.zeros(6)])
            error = (rigid(found, self.centre).back(self.points) - truth.back(self.points)).norm(dim=1)
            self.assertLess(float(error.mean()), 1.0)
            self.assertLess(value, measure(RigidMap(torch.eye(3), torch.zeros(3))))


if __name__ == "__main__":
    unittest.main()
