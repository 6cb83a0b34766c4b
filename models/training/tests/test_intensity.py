"""Changes of appearance: what they do to known images, and that the generator determines them."""

import dataclasses
import unittest

import torch

from samepoint_training.config import AugmentConfig
from samepoint_training.data import FULL_RANGE
from samepoint_training.intensity import (
    CURVE_HU,
    blank_outside,
    blur,
    contrast_phase,
    curve,
    histogram_warp,
    noise,
    random_appearance,
    random_box,
    thick_slices,
)


def generator(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def ramp(count: int = 4096) -> torch.Tensor:
    """All intensities from air to the maximum, (1, 1, 1, 1, count)."""
    return torch.linspace(0, FULL_RANGE, count).view(1, 1, 1, 1, count)


class CurveTest(unittest.TestCase):
    def test_the_ends_extrapolate_their_segment(self) -> None:
        knots, values = torch.tensor([0.0, 1.0, 2.0]), torch.tensor([0.0, 10.0, 11.0])
        out = curve(torch.tensor([-1.0, 3.0]), knots, values)
        self.assertEqual(out.tolist(), [-10.0, 12.0])

    def test_no_strength_changes_nothing(self) -> None:
        image = ramp()
        self.assertLess(float((contrast_phase(image, generator(), 0.0) - image).abs().max()), 1e-2)

    def test_a_contrast_phase_stays_in_range_and_keeps_air(self) -> None:
        self.assertEqual(CURVE_HU[0], -1024.0)
        for seed in range(5):
            out = contrast_phase(ramp(), generator(seed), 1.0)
            self.assertGreaterEqual(float(out.min()), 0.0)
            self.assertLessEqual(float(out.max()), FULL_RANGE)
            # The control point of air does not move.
            self.assertAlmostEqual(float(out.flatten()[0]), 0.0, places=3)

    def test_enhancing_tissue_changes_most(self) -> None:
        blood, fat = (torch.full((1, 1, 1, 1, 1), hu + 1024.0) for hu in (200.0, -100.0))
        spread = [
            torch.cat([contrast_phase(image, generator(seed), 1.0).flatten() for seed in range(60)]).std()
            for image in (blood, fat)
        ]
        self.assertGreater(float(spread[0]), 2 * float(spread[1]))


class HistogramTest(unittest.TestCase):
    def test_a_map_is_monotone_and_may_be_inverted(self) -> None:
        body = ramp()[..., 600:]
        rising = falling = 0
        for seed in range(30):
            steps = histogram_warp(body, generator(seed)).flatten().diff()
            rising += bool((steps >= -1e-3).all())
            falling += bool((steps <= 1e-3).all())
        self.assertEqual(rising + falling, 30)
        # 3 of 10 are inverted.
        self.assertTrue(3 <= falling <= 16, falling)

    def test_the_range_is_used_completely(self) -> None:
        for seed in range(5):
            out = histogram_warp(ramp()[..., 600:], generator(seed))
            self.assertAlmostEqual(float(out.min()), 0.0, places=2)
            self.assertAlmostEqual(float(out.max()), FULL_RANGE, delta=0.01)

    def test_an_inversion_keeps_the_background_dark(self) -> None:
        image = torch.cat([torch.zeros(1, 1, 1, 1, 10), ramp(50)[..., 20:]], 4)
        darkest = [float(histogram_warp(image, generator(seed)).flatten()[0]) for seed in range(20)]
        self.assertLess(max(darkest), 1e-3)


class BlurTest(unittest.TestCase):
    def test_an_impulse_becomes_the_product_of_three_gaussians(self) -> None:
        image = torch.zeros(1, 1, 9, 9, 9)
        image[0, 0, 4, 4, 4] = 1.0
        out = blur(image, 1.0)[0, 0]
        taps = torch.exp(-0.5 * torch.arange(-3.0, 4.0) ** 2)
        taps /= taps.sum()
        self.assertAlmostEqual(float(out[4, 4, 4]), float(taps[3]) ** 3, places=6)
        self.assertAlmostEqual(float(out[4, 5, 4]), float(taps[3] ** 2 * taps[4]), places=6)
        self.assertAlmostEqual(float(out.sum()), 1.0, places=5)

    def test_a_constant_image_stays_constant_up_to_its_border(self) -> None:
        self.assertLess(float((blur(torch.full((1, 1, 5, 6, 7), 40.0), 1.2) - 40.0).abs().max()), 1e-4)


class NoiseTest(unittest.TestCase):
    def test_the_standard_deviation_is_sigma_in_either_form(self) -> None:
        image = torch.zeros(1, 1, 20, 60, 60)
        correlated = white = 0
        for seed in range(12):
            out = noise(image, generator(seed), 10.0)[0, 0]
            neighbours = float((out[:, :, 1:] * out[:, :, :-1]).mean() / out.square().mean())
            correlated += neighbours > 0.5
            white += abs(neighbours) < 0.1
            self.assertTrue(7.5 < float(out.std()) < 10.5, out.std())
            self.assertLess(abs(float(out.mean())), 0.5)
        self.assertEqual(correlated + white, 12)
        self.assertGreater(min(correlated, white), 0)


class SliceTest(unittest.TestCase):
    def test_thick_slices_average_along_z_only(self) -> None:
        image = torch.zeros(1, 1, 24, 4, 4)
        image[0, 0, 12] = 100.0
        for seed in range(6):
            out = thick_slices(image, generator(seed))
            self.assertEqual(out.shape, image.shape)
            self.assertLessEqual(float(out.max()), 50.0)
            # Every column is the same, and the sum over the slices is kept away from the ends.
            self.assertTrue(torch.equal(out, out[..., :1, :1].expand_as(out)))
            self.assertAlmostEqual(float(out[0, 0, :, 0, 0].sum()), 100.0, delta=1.0)


class BoxTest(unittest.TestCase):
    def test_faces_move_inwards_by_up_to_three_tenths(self) -> None:
        whole = 0
        for seed in range(40):
            box = random_box((20, 40, 60), generator(seed))
            for part, size in zip(box, (20, 40, 60), strict=True):
                self.assertTrue(0 <= part.start <= 0.3 * size)
                self.assertTrue(0.7 * size <= part.stop <= size)
                whole += part.start == 0 and part.stop == size
        # Each face stays in half of the cases: about a quarter of the axes are whole.
        self.assertTrue(15 <= whole <= 55, whole)

    def test_outside_the_box_is_air(self) -> None:
        out = blank_outside(torch.ones(1, 1, 3, 4, 5), (slice(1, 3), slice(0, 2), slice(2, 4)))
        self.assertEqual(float(out.sum()), 2 * 2 * 2)
        self.assertEqual(out[0, 0, 1, 0].tolist(), [0.0, 0.0, 1.0, 1.0, 0.0])


class AppearanceTest(unittest.TestCase):
    def setUp(self) -> None:
        self.image = 1000 + 300 * torch.rand(1, 1, 8, 10, 12, generator=generator())

    def test_the_generator_determines_the_appearance(self) -> None:
        config = AugmentConfig()
        first, second, other = (random_appearance(self.image, generator(seed), config) for seed in (7, 7, 8))
        self.assertTrue(torch.equal(first, second))
        self.assertFalse(torch.equal(first, other))

    def test_without_any_change_the_image_is_returned(self) -> None:
        config = AugmentConfig(noise_hu=0.0, curve_chance=0.0, blur_voxels=0.0, thick_chance=0.0)
        for seed in range(10):
            self.assertTrue(torch.equal(random_appearance(self.image, generator(seed), config), self.image))

    def test_aggressive_appearance_uses_the_full_range(self) -> None:
        config = AugmentConfig(noise_hu=0.0, curve_chance=0.0, blur_voxels=0.0, thick_chance=0.0, aggressive=True)
        changed = [random_appearance(self.image, generator(seed), config) for seed in range(20)]
        warped = sum(float(image.max()) > 4000.0 for image in changed)
        self.assertTrue(13 <= warped <= 20, warped)
        mild = dataclasses.replace(config, aggressive=False)
        self.assertLess(float(random_appearance(self.image, generator(), mild).max()), 1301.0)


if __name__ == "__main__":
    unittest.main()
