"""Reading: frames, crops, body masks, splits and CT-MR pairs, on small files that the tests write."""

import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import nibabel
import numpy as np
import torch

from samepoint_training.data import (
    TORSO_VALIDATION,
    Volume,
    body_mask,
    crop_box,
    data_root,
    find_landmarks,
    organ_points,
    read_ct,
    read_placed,
    rescaled,
    split,
    stem,
)
from samepoint_training.errors import DataError
from samepoint_training.landmarks import find_anchors, patient_map
from samepoint_training.pairs import MIN_MR, mr_points, read_ct_mr, scaled_mr

LPS = np.diag([-1.0, -1.0, 1.0])
"""Directions of x, y and z of NIfTI (RAS) for arrays whose axes are L, P, S."""
SPACING = (1.0, 2.0, 4.0)
"""x, y, z, mm."""


def write(
    path: Path, array: np.ndarray, spacing: tuple[float, ...] = SPACING, origin: tuple[float, ...] = (0, 0, 0)
) -> None:
    """Write (z, y, x) as a NIfTI with LPS axes; origin: LPS position of voxel 0 (x, y, z), mm."""
    affine = np.eye(4)
    affine[:3, :3] = LPS * np.array(spacing)
    affine[:3, 3] = np.array([-1, -1, 1]) * np.array(origin)
    nibabel.save(nibabel.Nifti1Image(array.transpose(2, 1, 0), affine), str(path))


def body_in_air(size: tuple[int, int, int] = (20, 60, 100)) -> np.ndarray:
    """Air with a block of water from z 4 to 15, y 20 to 39, x 30 to 69."""
    array = np.full(size, -1024, np.int16)
    array[4:16, 20:40, 30:70] = 0
    return array


class TemporaryTest(unittest.TestCase):
    """Gives every test a folder of its own."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)


class FrameTest(TemporaryTest):
    def test_arrays_and_positions_are_z_y_x(self) -> None:
        array = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
        write(self.folder / "a.nii.gz", array, origin=(10.0, -20.0, 30.0))
        found, spacing, origin = read_placed(self.folder / "a.nii.gz")
        self.assertTrue(np.array_equal(found, array))
        self.assertEqual(spacing.tolist(), [4.0, 2.0, 1.0])
        self.assertEqual(origin.tolist(), [30.0, -20.0, 10.0])

    def test_other_axes_are_refused(self) -> None:
        file = self.folder / "ras.nii.gz"
        nibabel.save(nibabel.Nifti1Image(np.zeros((4, 3, 2), np.int16), np.eye(4)), str(file))
        with self.assertRaisesRegex(DataError, r"ras.nii.gz: needs a 3-D volume with axes L, P, S; got 3-D"):
            read_placed(file)

    def test_an_unreadable_file_is_named(self) -> None:
        (self.folder / "no.nii.gz").write_bytes(b"no image")
        for name in ("no.nii.gz", "absent.nii.gz"):
            with self.assertRaisesRegex(DataError, f"{name}: unreadable NIfTI"):
                read_placed(self.folder / name)


class CtTest(TemporaryTest):
    def read(self, **options: bool) -> Volume:
        write(self.folder / "p_ct.nii.gz", body_in_air(), origin=(5.0, 6.0, 7.0))
        return read_ct(self.folder / "p_ct.nii.gz", **options)

    def test_intensities_are_above_air(self) -> None:
        volume = self.read()
        self.assertEqual(volume.name, "p_ct")
        self.assertEqual((float(volume.image.min()), float(volume.image.max())), (0.0, 1024.0))

    def test_body_points_lie_in_the_body(self) -> None:
        volume = self.read()
        index = (volume.body / volume.spacing).round().long()
        self.assertGreater(len(index), 50)
        # The mask is smoothed over 8 mm, so that it may reach one lattice step beyond the body.
        inside = volume.image[index[:, 0], index[:, 1], index[:, 2]] > 0
        self.assertGreater(float(inside.float().mean()), 0.7)

    def test_the_crop_keeps_the_body_and_its_place(self) -> None:
        volume = self.read()
        self.assertEqual(int((volume.image > 0).sum()), 12 * 20 * 40)
        first = torch.nonzero(volume.image > 0).min(0).values
        # World position of the first body voxel: (z, y, x) index (4, 20, 30) of the file.
        expected = torch.tensor([7.0 + 4 * 4, 6.0 + 20 * 2, 5.0 + 30 * 1])
        self.assertTrue(torch.allclose(volume.origin + first * volume.spacing, expected))

    def test_organs_are_cropped_with_the_image(self) -> None:
        organs = np.zeros((20, 60, 100), np.uint8)
        organs[8:10, 30:34, 40:48] = 3
        write(self.folder / "p_organs.nii.gz", organs)
        volume = self.read(with_organs=True)
        self.assertEqual(volume.organs.shape, volume.image.shape)
        self.assertEqual(int((volume.organs == 3).sum()), 2 * 4 * 8)
        labels, centres = organ_points(volume)
        self.assertEqual(labels.tolist(), [3])
        world = centres[0] + volume.origin
        self.assertTrue(torch.allclose(world, torch.tensor([7 + 8.5 * 4, 6 + 31.5 * 2, 5 + 43.5])))
        self.assertEqual(sorted(volume.anchors), list(range(30, 37)))

    def test_organs_of_another_shape_are_refused(self) -> None:
        write(self.folder / "p_organs.nii.gz", np.zeros((20, 60, 99), np.uint8))
        with self.assertRaisesRegex(DataError, "organ labels have shape"):
            self.read(with_organs=True)

    def test_a_volume_of_air_has_no_body(self) -> None:
        write(self.folder / "air_ct.nii.gz", np.full((20, 60, 100), -1024, np.int16))
        with self.assertRaisesRegex(DataError, "no body found"):
            read_ct(self.folder / "air_ct.nii.gz")


class MaskTest(unittest.TestCase):
    def test_the_lattice_is_about_eight_millimetres(self) -> None:
        mask, step = body_mask(body_in_air(), np.array([4.0, 2.0, 1.0]))
        self.assertEqual(step.tolist(), [2, 4, 8])
        self.assertEqual(mask.shape, (10, 15, 13))

    def test_a_hole_in_a_slice_is_body_and_a_detached_part_is_not(self) -> None:
        array = np.full((20, 60, 100), -1024, np.int16)
        array[4:16, 12:52, 16:88] = 0
        array[6:14, 28:36, 44:60] = -1024
        array[4:16, 2:6, 2:6] = 0
        mask, step = body_mask(array, np.array([4.0, 2.0, 1.0]))
        self.assertTrue(bool(mask[10 // step[0], 32 // step[1], 52 // step[2]]))
        self.assertFalse(bool(mask[:, :2, :1].any()))

    def test_the_box_has_a_margin_and_ends_at_the_volume(self) -> None:
        mask = np.zeros((10, 15, 13), bool)
        mask[4:6, 7:9, 6:8] = True
        box = crop_box(mask, np.array([2, 4, 8]), (20, 60, 100), np.array([4.0, 2.0, 1.0]))
        # 24 mm are 6, 12 and 24 voxels.
        self.assertEqual(box, (slice(2, 18), slice(16, 48), slice(24, 88)))
        mask[:] = True
        whole = crop_box(mask, np.array([2, 4, 8]), (20, 60, 100), np.array([4.0, 2.0, 1.0]))
        self.assertEqual(whole, (slice(0, 20), slice(0, 60), slice(0, 100)))


class LandmarkTest(unittest.TestCase):
    def test_centroids_are_in_millimetres(self) -> None:
        organs = np.zeros((4, 5, 6), np.uint8)
        organs[1, 1:3, 2:5] = 2
        organs[3, 4, 5] = 7
        found = dict(find_landmarks(organs, np.array([3.0, 2.0, 1.0])))
        self.assertEqual(found, {2: (3.0, 3.0, 3.0), 7: (9.0, 8.0, 5.0)})

    def test_small_and_loose_organs_have_no_anchors(self) -> None:
        organs = np.zeros((10, 10, 10), np.uint8)
        organs[:3, :3, :4] = 1
        organs[5:, 5:, 5:] = 2
        self.assertEqual(find_anchors(organs, np.ones(3)), {})

    def test_the_ends_of_an_organ_are_the_means_of_its_tenths(self) -> None:
        organs = np.zeros((30, 12, 12), np.uint8)
        organs[5:25, 4:8, 4:8] = 6
        anchors = find_anchors(organs, np.array([1.0, 1.0, 1.0]))
        self.assertEqual(anchors[60].tolist(), [14.5, 5.5, 5.5])
        self.assertAlmostEqual(float(anchors[61][0]), 5.5, delta=0.5)
        self.assertAlmostEqual(float(anchors[62][0]), 23.5, delta=0.5)

    def test_far_from_landmarks_a_patient_map_is_affine(self) -> None:
        source = torch.tensor([[0.0, 0.0, 0.0], [100.0, 0.0, 0.0], [0.0, 100.0, 0.0], [0.0, 0.0, 100.0]])
        target = source + 5.0
        target[0, 0] += 20.0
        mapped = patient_map(source, target)
        far = torch.tensor([[1000.0, 0.0, 0.0]])
        self.assertTrue(torch.allclose(mapped.at(far), mapped.affine(far), atol=1e-3))
        near = mapped.at(source[:1]) - mapped.affine(source[:1])
        # One residual of weight 1 against a trust of 0.5: two thirds of it, less the others' small parts.
        self.assertAlmostEqual(float(near[0, 0] / mapped.residuals[0, 0]), 2 / 3, delta=0.02)


class SplitTest(TemporaryTest):
    def test_every_tenth_patient_and_every_fifth_limb_are_held_out(self) -> None:
        for folder, count in (("headneck", 21), ("limb", 11)):
            (self.folder / folder).mkdir()
            for i in range(count):
                (self.folder / folder / f"{i:03d}_ct.nii.gz").touch()
                (self.folder / folder / f"{i:03d}_organs.nii.gz").touch()
        _, held = split("headneck", self.folder)
        self.assertEqual([stem(file) for file in held], ["009_ct", "019_ct"])
        training, held = split("limb", self.folder)
        self.assertEqual([stem(file) for file in held], ["004_ct", "009_ct"])
        self.assertEqual(len(training), 9)

    def test_the_named_torso_volumes_are_held_out(self) -> None:
        (self.folder / "torso").mkdir()
        for name in (*TORSO_VALIDATION, "a", "z"):
            (self.folder / "torso" / f"{name}.nii.gz").touch()
        training, held = split("torso", self.folder)
        self.assertEqual([stem(file) for file in training], ["a", "z"])
        self.assertEqual(sorted(stem(file) for file in held), sorted(TORSO_VALIDATION))

    def test_the_data_folder_is_that_of_the_environment(self) -> None:
        with mock.patch.dict(os.environ, {"SAMEPOINT_DATA": str(self.folder)}):
            self.assertEqual(data_root(), self.folder)
        absent = self.folder / "absent"
        with (
            mock.patch.dict(os.environ, {"SAMEPOINT_DATA": str(absent)}),
            self.assertRaisesRegex(DataError, "absent; set SAMEPOINT_DATA"),
        ):
            data_root()


class IntensityTest(unittest.TestCase):
    def test_a_window_is_spread_over_the_range(self) -> None:
        image = torch.tensor([-1024.0, -250.0, 175.0, 600.0, 2000.0]).view(1, 1, 5) + 1024.0
        volume = Volume("x", image, torch.ones(3), torch.zeros(0, 3))
        found = rescaled(volume, (-250.0, 600.0)).image.flatten()
        self.assertTrue(torch.allclose(found, torch.tensor([0.0, 0.0, 2047.5, 4095.0, 4095.0]), atol=1e-2), found)

    def test_mr_percentiles_are_the_ends_of_the_range(self) -> None:
        array = np.arange(1001, dtype=np.float32).reshape(7, 11, 13)
        scaled = scaled_mr(array)
        self.assertEqual(scaled.dtype, np.float32)
        # 0.2 and 99.8 percent of 0..1000 are 2 and 998.
        self.assertEqual(float(scaled.flat[0]), 0.0)
        self.assertAlmostEqual(float(scaled.flat[250]), 4095 * 248 / 996, places=2)
        self.assertEqual(float(scaled.flat[1000]), 4095.0)

    def test_a_constant_mr_does_not_divide_by_zero(self) -> None:
        self.assertEqual(float(np.abs(scaled_mr(np.full((2, 2, 2), 9.0))).max()), 0.0)


class PairTest(TemporaryTest):
    def test_the_mr_is_resampled_to_the_place_of_the_ct(self) -> None:
        write(self.folder / "p_ct.nii.gz", body_in_air(), origin=(5.0, 6.0, 7.0))
        # The MR has a bright block at the same place, in 2 mm voxels from another origin: it sees x from 30 mm on.
        mr = np.zeros((40, 60, 40), np.float32)
        z, y, x = np.meshgrid(*[np.arange(n) * 2.0 for n in mr.shape], indexing="ij")
        z, y, x = z + 7.0, y + 6.0, x + 30.0
        block = (z >= 23) & (z <= 67) & (y >= 46) & (y <= 84) & (x >= 35) & (x <= 74)
        mr[block] = 500.0
        write(self.folder / "p_t1.nii.gz", mr, (2.0, 2.0, 2.0), (30.0, 6.0, 7.0))
        ct, found = read_ct_mr(self.folder / "p_ct.nii.gz", (-1024.0, 3071.0))
        self.assertEqual((found.name, found.image.shape), ("p_t1", ct.image.shape))
        self.assertEqual(found.image.dtype, torch.float32)
        bright, body = found.image > 2000, ct.image > 500
        overlap = float((bright & body).sum()) / float((bright | body).sum())
        self.assertGreater(overlap, 0.85)
        index = (found.body / found.spacing).round().long()
        self.assertGreaterEqual(float(found.image[index[:, 0], index[:, 1], index[:, 2]].min()), MIN_MR)
        points = mr_points(found, 7, torch.Generator().manual_seed(1))
        self.assertEqual(tuple(points.shape), (7, 3))
        self.assertTrue(all((found.body == point).all(1).any() for point in points))


if __name__ == "__main__":
    unittest.main()
