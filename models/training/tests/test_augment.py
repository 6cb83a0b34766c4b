"""Known points are followed through maps, views, grids and intensity changes."""

import dataclasses
import unittest

import torch

from samepoint_training.augment import FineGrid, make_view, random_map, random_pair, sample_volume, working_axes
from samepoint_training.config import AugmentConfig
from samepoint_training.intensity import (
    blank_outside,
    blur,
    contrast_phase,
    curve,
    histogram_warp,
    noise,
    random_box,
    thick_slices,
)
from samepoint_training.losses import at_voxels, corresponding
from samepoint_training.smoothmap import bspline_weights, rotation
from tests.fixtures import TINY_AUGMENT, ramp_volume

STRIDE = (2, 2, 2)


def rng(seed: int = 3) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


class MapTest(unittest.TestCase):
    def test_basis_is_a_partition_of_unity(self) -> None:
        weights = bspline_weights(torch.linspace(0, 4, 41), 7)
        self.assertLess(float((weights.sum(1) - 1).abs().max()), 1e-5)

    def test_rotation_turns_y_to_x_about_z(self) -> None:
        turned = rotation((90.0, 0.0, 0.0)) @ torch.tensor([0.0, 1.0, 0.0])
        self.assertLess(float((turned - torch.tensor([0.0, 0.0, 1.0])).abs().max()), 1e-6)

    def test_seed_lies_within_the_offset_and_inverse_undoes_the_map(self) -> None:
        config = AugmentConfig()
        seed = torch.tensor([100.0, 120.0, 90.0])
        for k in range(5):
            view_map = random_map(rng(k), seed, config, 1.0)
            point, residual = view_map.inverse_at(seed[None])
            self.assertLess(float(residual), 0.05)
            self.assertLess(float(point.abs().max()), config.offset_mm + 0.1)

    def test_grid_and_points_agree(self) -> None:
        view_map = random_map(rng(), torch.zeros(3), TINY_AUGMENT, 1.0)
        axes = working_axes((5, 6, 7), 2.0)
        grid = view_map.on_grid(axes)
        points = torch.stack(torch.meshgrid(*axes, indexing="ij")).flatten(1).t()
        self.assertLess(float((grid.flatten(1).t() - view_map.at(points)).abs().max()), 1e-3)


class ViewTest(unittest.TestCase):
    def test_fine_axes_are_block_centres(self) -> None:
        grid = FineGrid((6, 7, 8), STRIDE, 2.0)
        self.assertEqual(grid.sizes(), (3, 4, 4))
        working = working_axes((6, 7, 8), 2.0)
        for fine, fully in zip(grid.axes(), working, strict=True):
            self.assertAlmostEqual(float(fine[0]), float((fully[0] + fully[1]) / 2), places=5)
        back = grid.to_index(torch.stack([a[1] for a in grid.axes()])[None])
        self.assertLess(float((back - 1).abs().max()), 1e-5)

    def test_a_linear_volume_is_sampled_exactly_where_the_map_says(self) -> None:
        volume = ramp_volume()
        view_map = random_map(rng(), volume.body[0], TINY_AUGMENT, 0.3)
        source = view_map.on_grid(working_axes(TINY_AUGMENT.patch, 2.0))
        image = sample_volume(volume.image, volume.spacing, source)[0, 0]
        inside = ((source >= 0) & (source <= volume.extent().view(3, 1, 1, 1))).all(0)
        expected = 1000 + source[0] + 2 * source[1] + 4 * source[2]
        self.assertGreater(int(inside.sum()), 1000)
        self.assertLess(float((image - expected)[inside].abs().max()), 0.05)

    def test_partners_show_the_same_source_point(self) -> None:
        first, second = random_pair(ramp_volume(), rng(5), TINY_AUGMENT, STRIDE)
        here, there, position = corresponding(first, second, 50, rng())
        self.assertGreater(len(here), 10)
        self.assertLess(float((at_voxels(first.source, here.long()) - position).abs().max()), 1e-4)
        low = there.floor().long()
        ok = (low + 1 < torch.tensor(second.body.shape)).all(1)
        low, fraction = low[ok], (there - there.floor())[ok]
        value = torch.zeros(len(low), 3)
        for corner in torch.cartesian_prod(*[torch.tensor([0, 1])] * 3):
            weight = torch.where(corner == 1, fraction, 1 - fraction).prod(1, keepdim=True)
            value += weight * at_voxels(second.source, low + corner)
        self.assertLess(float((value - position[ok]).norm(dim=1).max()), 0.5)

    def test_blanked_voxels_are_not_inside(self) -> None:
        config = dataclasses.replace(TINY_AUGMENT, crop_chance=1.0, noise_hu=0.0, blur_voxels=0.0, thick_chance=0.0)
        volume = ramp_volume()
        for k in range(5):
            view = make_view(volume, random_map(rng(k), volume.body[0], config, 0.2), rng(k), config, STRIDE)
            z, y, x = torch.nonzero(view.inside).unbind(1)
            block = view.image[0, 0, 2 * z + 1, 2 * y + 1, 2 * x + 1]
            self.assertGreater(float(block.min()), -50.0)

    def test_same_generator_gives_the_same_view(self) -> None:
        volume = ramp_volume()
        view_map = random_map(rng(), volume.body[0], TINY_AUGMENT, 0.3)
        views = [make_view(volume, view_map, rng(8), TINY_AUGMENT, STRIDE) for _ in range(2)]
        self.assertTrue(torch.equal(views[0].image, views[1].image))


class IntensityTest(unittest.TestCase):
    def setUp(self) -> None:
        self.image = 1000 + 300 * torch.rand(1, 1, 13, 20, 21, generator=rng())

    def test_every_change_keeps_the_shape_and_stays_finite(self) -> None:
        changed = (
            contrast_phase(self.image, rng(), 1.0),
            histogram_warp(self.image, rng()),
            blur(self.image, 1.0),
            noise(self.image, rng(), 20.0),
            blank_outside(self.image, random_box((13, 20, 21), rng())),
            *(thick_slices(self.image, rng(k)) for k in range(4)),
        )
        for out in changed:
            self.assertEqual(out.shape, self.image.shape)
            self.assertTrue(bool(torch.isfinite(out).all()))

    def test_curve_passes_through_its_knots(self) -> None:
        knots, values = torch.tensor([0.0, 1.0, 3.0]), torch.tensor([0.0, 2.0, 2.5])
        out = curve(torch.tensor([0.0, 0.5, 1.0, 2.0, 3.0]), knots, values)
        self.assertTrue(torch.allclose(out, torch.tensor([0.0, 1.0, 2.0, 2.25, 2.5])))

    def test_thick_slices_do_not_shift_a_ramp_along_z(self) -> None:
        ramp = torch.arange(40.0).view(1, 1, 40, 1, 1).expand(1, 1, 40, 2, 2)
        for k in range(6):
            error = (thick_slices(ramp, rng(k)) - ramp)[:, :, 6:-6]
            self.assertLess(float(error.abs().max()), 1e-3)


if __name__ == "__main__":
    unittest.main()
