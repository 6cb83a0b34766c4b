"""Views by a known map: what a patch shows, where its voxels come from, what is visible."""

import dataclasses
import unittest
from collections.abc import Sequence

import torch

from samepoint_training.augment import FineGrid, View, make_view, random_map, random_pair, sample_volume, stack_images
from samepoint_training.config import AugmentConfig
from samepoint_training.data import Volume
from samepoint_training.losses import at_voxels, corresponding
from samepoint_training.network import normalise_hu
from samepoint_training.smoothmap import SmoothMap, rotation
from tests.fixtures import TINY_AUGMENT, ramp_volume

STRIDE = (2, 2, 2)
PLAIN = dataclasses.replace(
    TINY_AUGMENT,
    patch=(8, 12, 12),
    noise_hu=0.0,
    curve_chance=0.0,
    blur_voxels=0.0,
    thick_chance=0.0,
    crop_chance=0.0,
)
"""No change of intensities."""


def generator(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def shift_to(centre: Sequence[float]) -> SmoothMap:
    """The map that puts the centre of the patch at a point of the volume, mm."""
    return SmoothMap(torch.tensor(centre), torch.eye(3), ())


def ramp_at(points: torch.Tensor) -> torch.Tensor:
    """The intensity of ramp_volume at points (..., 3) mm."""
    return 1000 + points[..., 0] + 2 * points[..., 1] + 4 * points[..., 2]


def dark_volume(size: tuple[int, int, int]) -> Volume:
    """Air (0) of 2 mm voxels with one bright voxel in the middle."""
    image = torch.zeros(size)
    middle = tuple(n // 2 for n in size)
    image[middle] = 3000.0
    spacing = torch.full((3,), 2.0)
    return Volume("dark", image, spacing, torch.tensor([middle]) * 2.0)


class SampleTest(unittest.TestCase):
    def test_a_voxel_centre_returns_the_voxel_and_a_midpoint_the_mean(self) -> None:
        volume = torch.arange(24, dtype=torch.float32).view(2, 3, 4)
        spacing = torch.tensor([5.0, 2.0, 1.0])
        places = torch.tensor([[0.0, 0.0, 0.0], [5.0, 4.0, 3.0], [0.0, 2.0, 1.5], [2.5, 0.0, 0.0]])
        found = sample_volume(volume, spacing, places.t().view(3, 4, 1, 1)).flatten()
        self.assertTrue(torch.allclose(found, torch.tensor([0.0, 23.0, 5.5, 6.0]), atol=1e-4), found)

    def test_outside_is_air(self) -> None:
        volume = torch.full((3, 3, 3), 7.0)
        places = torch.tensor([[-2.0, 2.0, 2.0], [2.0, 2.0, 6.5]])
        found = sample_volume(volume, torch.full((3,), 2.0), places.t().view(3, 2, 1, 1)).flatten()
        self.assertEqual(found.tolist(), [0.0, 0.0])


class KnownMapTest(unittest.TestCase):
    def test_a_shift_shows_the_volume_around_the_point(self) -> None:
        volume = ramp_volume()
        centre = [60.0, 44.0, 50.0]
        view = make_view(volume, shift_to(centre), generator(), PLAIN, STRIDE)
        # Working voxel (0, 0, 0) of an 8 x 12 x 12 patch of 2 mm is 7, 11 and 11 mm before the centre.
        corner = torch.tensor(centre) - torch.tensor([7.0, 11.0, 11.0])
        expected = normalise_hu(ramp_at(corner) - 1024.0)
        self.assertAlmostEqual(float(view.image[0, 0, 0, 0, 0]), float(expected), places=3)
        self.assertEqual(tuple(view.image.shape), (1, 1, 8, 12, 12))

    def test_fine_voxels_come_from_their_block_centres(self) -> None:
        view = make_view(ramp_volume(), shift_to([60.0, 44.0, 50.0]), generator(), PLAIN, STRIDE)
        self.assertEqual(tuple(view.source.shape), (3, 4, 6, 6))
        self.assertEqual(view.source[:, 0, 0, 0].tolist(), [54.0, 34.0, 40.0])
        self.assertEqual(view.source[:, 3, 5, 5].tolist(), [66.0, 54.0, 60.0])

    def test_a_rotation_shows_the_point_that_it_turns_there(self) -> None:
        volume, centre = ramp_volume(), torch.tensor([60.0, 44.0, 50.0])
        turned = SmoothMap(centre, rotation((90.0, 0.0, 0.0)), ())
        view = make_view(volume, turned, generator(), PLAIN, STRIDE)
        # About z, y goes to x and x to -y: the fine voxel 10 mm along y comes from 10 mm along x.
        self.assertTrue(torch.allclose(view.source[:, 0, 5, 0], centre + torch.tensor([-6.0, 10.0, 10.0]), atol=1e-4))
        expected = ramp_at(view.source.permute(1, 2, 3, 0))
        blocks = torch.nn.functional.avg_pool3d(view.image, 2)[0, 0]
        self.assertLess(float((blocks - normalise_hu(expected - 1024.0)).abs().max()), 0.05)

    def test_voxels_outside_the_volume_are_not_inside(self) -> None:
        volume = ramp_volume()
        view = make_view(volume, shift_to([0.0, 44.0, 50.0]), generator(), PLAIN, STRIDE)
        # Sources along z are -6, -2, 2 and 6 mm: half of them before the first voxel.
        self.assertEqual(view.inside[:, 2, 2].tolist(), [False, False, True, True])
        self.assertFalse(bool((view.body & ~view.inside).any()))

    def test_body_is_what_is_brighter_than_the_skin_threshold(self) -> None:
        volume = dark_volume((20, 24, 24))
        bright = dataclasses.replace(volume, image=torch.full_like(volume.image, 1000.0))
        centre = [20.0, 24.0, 24.0]
        self.assertFalse(bool(make_view(volume, shift_to(centre), generator(), PLAIN, STRIDE).body.any()))
        # At the border of the patch the smoothed intensity contains zeros of the padding.
        body = make_view(bright, shift_to(centre), generator(), PLAIN, STRIDE).body
        self.assertTrue(bool(body[1:, 1:, 1:].all()))

    def test_a_cropped_view_shows_air_and_hides_its_voxels(self) -> None:
        config = dataclasses.replace(PLAIN, crop_chance=1.0)
        hidden = 0
        for seed in range(8):
            view = make_view(ramp_volume(), shift_to([60.0, 44.0, 50.0]), generator(seed), config, STRIDE)
            air = view.image[0, 0] == normalise_hu(torch.tensor(-1024.0))
            blocks = torch.nn.functional.max_pool3d(air.float()[None], 2)[0] > 0
            self.assertTrue(torch.equal(view.inside, ~blocks))
            hidden += int(blocks.sum())
        self.assertGreater(hidden, 0)


class GridTest(unittest.TestCase):
    def test_indices_and_axes_are_inverse(self) -> None:
        grid = FineGrid((9, 10, 11), STRIDE, 2.0)
        self.assertEqual(grid.sizes(), (4, 5, 6))
        axes = grid.axes()
        points = torch.stack([axes[0][[0, 3]], axes[1][[1, 4]], axes[2][[2, 5]]], 1)
        self.assertTrue(torch.allclose(grid.to_index(points), torch.tensor([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])))

    def test_the_centre_of_an_even_patch_lies_between_its_middle_voxels(self) -> None:
        index = FineGrid((8, 8, 8), STRIDE, 2.0).to_index(torch.zeros(1, 3))
        self.assertEqual(index.tolist(), [[1.5, 1.5, 1.5]])


class RandomMapTest(unittest.TestCase):
    def test_strength_zero_is_a_shift_within_the_offset(self) -> None:
        config, seed = AugmentConfig(offset_mm=20.0), torch.tensor([70.0, 80.0, 90.0])
        drawn = random_map(generator(), seed, config, 0.0)
        self.assertTrue(torch.allclose(drawn.matrix, torch.eye(3), atol=1e-6))
        self.assertEqual(float(sum(field.knots.abs().sum() for field in drawn.fields)), 0.0)
        self.assertLessEqual(float((seed - drawn.origin).abs().max()), 20.0)

    def test_rotation_and_scale_stay_in_their_ranges(self) -> None:
        config = AugmentConfig(rotation_deg=10.0, scale=0.2)
        for seed in range(20):
            matrix = random_map(generator(seed), torch.zeros(3), config, 1.0).matrix
            scales = matrix.norm(dim=0)
            self.assertTrue(bool(((scales > 0.8 * 0.94) & (scales < 1.2 * 1.06)).all()), scales)
            turn = matrix / scales
            angle = torch.rad2deg(torch.arccos(((turn.trace() - 1) / 2).clamp(-1, 1)))
            self.assertLess(float(angle), 10.0 * 3**0.5 + 0.5)


class PairTest(unittest.TestCase):
    def test_both_views_show_the_seed(self) -> None:
        volume, seed = ramp_volume(), torch.tensor([60.0, 44.0, 50.0])
        for k in range(4):
            for view in random_pair(volume, generator(k), TINY_AUGMENT, STRIDE, seed):
                point, residual = view.map.inverse_at(seed[None])
                half = torch.tensor(TINY_AUGMENT.patch) * TINY_AUGMENT.spacing_mm / 2
                self.assertLess(float(residual), 0.1)
                self.assertTrue(bool((point[0].abs() < half).all()), point)

    def test_the_second_view_shows_the_partner(self) -> None:
        volume = ramp_volume()
        partner = dataclasses.replace(volume, image=torch.zeros_like(volume.image))
        first, second = random_pair(volume, generator(), PLAIN, STRIDE, volume.body[0], partner)
        air = float(normalise_hu(torch.tensor(-1024.0)))
        self.assertGreater(float(first.image.max()), air)
        self.assertEqual(float(second.image.max()), air)

    def test_the_same_generator_gives_the_same_pair_and_another_does_not(self) -> None:
        pairs = [random_pair(ramp_volume(), generator(seed), TINY_AUGMENT, STRIDE) for seed in (5, 5, 6)]
        images = [stack_images(pair) for pair in pairs]
        self.assertTrue(torch.equal(images[0], images[1]))
        self.assertFalse(torch.equal(images[0], images[2]))
        self.assertEqual(tuple(images[0].shape), (2, 1, *TINY_AUGMENT.patch))

    def test_correspondences_of_two_shifts_are_their_difference(self) -> None:
        volume = ramp_volume()
        first, second = (self.view(volume, centre) for centre in ([60.0, 44.0, 50.0], [62.0, 40.0, 50.0]))
        here, there, position = corresponding(first, second, 30, generator())
        self.assertEqual(len(here), 30)
        # The second patch lies 2 mm up and 4 mm forward: half a fine voxel back in z, one on in y.
        difference = torch.tensor([-0.5, 1.0, 0.0]).expand(30, 3)
        self.assertTrue(torch.allclose(there - here, difference, atol=1e-3))
        self.assertTrue(torch.equal(at_voxels(first.source, here.long()), position))

    def view(self, volume: Volume, centre: Sequence[float]) -> View:
        return make_view(volume, shift_to(centre), generator(), PLAIN, STRIDE)


if __name__ == "__main__":
    unittest.main()
