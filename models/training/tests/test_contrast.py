"""Synthetic contrasts."""

import unittest

import torch

from samepoint_training.config import ContrastConfig
from samepoint_training.contrast import (
    KNOTS,
    MR_RANGES,
    in_hu_range,
    random_scanner,
    random_values,
    synthetic_contrast,
    thick_along,
)
from samepoint_training.student_validation import CONTRASTS, in_contrast, scaled


def generator(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


class ContrastTest(unittest.TestCase):
    def test_control_points_ascend(self) -> None:
        places = [hu for _, hu in KNOTS]
        self.assertEqual(places, sorted(set(places)))

    def test_an_mr_like_contrast_has_dark_air_and_bone(self) -> None:
        for seed in range(20):
            values = random_values(generator(seed), mr_like=True)
            self.assertEqual(set(values), set(MR_RANGES))
            self.assertLessEqual(values["air"], 0.05)
            self.assertLessEqual(values["cortical"], 0.15)

    def test_other_contrasts_reach_orders_that_no_mr_has(self) -> None:
        values = [random_values(generator(seed), mr_like=False) for seed in range(40)]
        self.assertTrue(any(v["cortical"] > 0.8 for v in values))
        self.assertTrue(any(v["air"] > 0.5 for v in values))

    def test_without_variation_and_smoothing_the_contrast_is_a_function_of_hu(self) -> None:
        config = ContrastConfig(variation=0.0)
        image = torch.full((1, 1, 8, 8, 8), 1024.0 - 110.0)
        image[..., 4:] = 1024.0 + 650.0
        out = synthetic_contrast(image, generator(), config)
        self.assertTrue(((out >= 0) & (out <= 1)).all())
        # Far from the edge each half is nearly constant: the two variants of the map differ by the jitter only.
        self.assertLess(float(out[..., :1].std()), 0.06)
        self.assertGreater(abs(float(out[..., :1].mean() - out[..., -1:].mean())), 0.05)

    def test_thick_slices_keep_the_shape_and_the_mean(self) -> None:
        image = torch.rand((1, 1, 24, 24, 24), generator=generator())
        for axis in range(3):
            out = thick_along(image, generator(axis), axis)
            self.assertEqual(out.shape, image.shape)
            self.assertAlmostEqual(float(out.mean()), float(image.mean()), delta=0.03)
            along = (out.diff(dim=axis + 2).abs().mean(), image.diff(dim=axis + 2).abs().mean())
            self.assertLess(float(along[0]), float(along[1]))

    def test_a_scanner_changes_no_geometry_and_stays_in_range(self) -> None:
        image = torch.zeros(1, 1, 16, 16, 16)
        image[..., 5:11] = 0.7
        for seed in range(10):
            out = random_scanner(image, generator(seed), ContrastConfig(noise=0.02))
            self.assertTrue(((out >= 0) & (out <= 1)).all())
            self.assertGreater(float(out[..., 6:10].mean()), float(out[..., :3].mean()) + 0.1)

    def test_intensities_are_mapped_to_a_hu_interval(self) -> None:
        out = in_hu_range(torch.tensor([0.0, 0.5, 1.0]), (-600.0, 900.0))
        self.assertEqual(out.tolist(), [424.0, 1174.0, 1924.0])


class FixedContrastTest(unittest.TestCase):
    def test_scaling_clips_to_the_percentiles(self) -> None:
        out = scaled(torch.arange(10_000.0).view(10, 10, 100))
        self.assertEqual((float(out.min()), float(out.max())), (0.0, 1.0))
        self.assertAlmostEqual(float(out.flatten()[5000]), 0.5, delta=0.01)

    def test_each_contrast_has_its_order_of_tissues(self) -> None:
        tissues = torch.tensor([-1000.0, -100.0, 5.0, 50.0, 700.0]) + 1024.0
        image = tissues.repeat_interleave(10).view(50, 1, 1).expand(50, 12, 12).contiguous()
        found = {name: in_contrast(image, name, 1).view(5, -1).mean(1).tolist() for name in CONTRASTS}
        air, fat, fluid, muscle, bone = found["t1-like"]
        self.assertTrue(fat > muscle > fluid > max(air, bone))
        air, fat, fluid, muscle, bone = found["t2-like"]
        self.assertTrue(fluid > fat > muscle > max(air, bone))
        air, fat, fluid, muscle, bone = found["inverted"]
        self.assertTrue(fat > fluid > muscle > bone > air)


if __name__ == "__main__":
    unittest.main()
