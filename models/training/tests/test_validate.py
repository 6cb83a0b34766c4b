"""Validation: statistics by hand, and matches with known errors."""

import csv
import dataclasses
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import torch

from samepoint_training import validate
from samepoint_training.data import Volume
from samepoint_training.features import FeatureMaps
from samepoint_training.followup import (
    CASES,
    FIELD_MM,
    SKIN_MM,
    deep_body,
    eligible,
    make_follow_up,
    resampled,
    scaled_field,
    thick,
)
from samepoint_training.network import EmbeddingNet
from samepoint_training.validate import (
    Validator,
    cross_modality,
    field_of_view,
    inter_patient,
    methods,
    short_table,
    summary,
    write_table,
)
from tests.fixtures import TINY, ramp_volume, tiny_training

NO_MAPS = FeatureMaps({}, (1, 1, 1))
PLAIN_NET = dataclasses.replace(TINY, semantic_embedding=0)


def generator(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def body_volume(size: tuple[int, int, int] = (50, 60, 60)) -> Volume:
    """2 mm voxels: a block of tissue with a gradient in air, HU + 1024."""
    z, y, x = torch.meshgrid(*[torch.arange(n, dtype=torch.float32) for n in size], indexing="ij")
    image = torch.zeros(size)
    part = (slice(4, -4), slice(6, -6), slice(6, -6))
    image[part] = (1000 + z + 2 * y + 3 * x)[part]
    body = torch.nonzero(image > 0).float()[::97] * 2.0
    return Volume("block", image, torch.full((3,), 2.0), body)


class SummaryTest(unittest.TestCase):
    def test_five_errors_by_hand(self) -> None:
        row = summary(torch.tensor([1.0, 2.0, 6.0, 11.0, 30.0]))
        self.assertEqual(row["n"], 5)
        self.assertEqual(row["medianMm"], 6.0)
        self.assertEqual(row["meanMm"], 10.0)
        # Linear between the 4th and the 5th value: position 0.95 * 4 = 3.8.
        self.assertEqual(row["p95Mm"], round(11 + 0.8 * 19, 3))
        self.assertEqual(row["within10mm"], 0.6)
        self.assertEqual(row["within5mm"], 0.4)

    def test_limits_are_included(self) -> None:
        row = summary(torch.tensor([5.0, 10.0]))
        self.assertEqual((row["within10mm"], row["within5mm"]), (1.0, 0.5))

    def test_a_table_has_a_line_per_row(self) -> None:
        row = {"data": "chest", "case": "easy", "method": "sam", **summary(torch.tensor([1.0, 3.0, 20.0]))}
        lines = short_table([row, row]).splitlines()
        self.assertEqual(len(lines), 2)
        for word in ("chest", "easy", "sam", "median    3.0", "<=10 mm 0.667"):
            self.assertIn(word, lines[0])


class MethodTest(unittest.TestCase):
    def test_the_semantic_rule_needs_a_semantic_head(self) -> None:
        with_head, without = ([m[0] for m in methods(EmbeddingNet(config))] for config in (TINY, PLAIN_NET))
        self.assertEqual(with_head, ["sam-nearest", "sam", "uae"])
        self.assertEqual(without, ["sam-nearest", "sam"])


class FieldOfViewTest(unittest.TestCase):
    def test_the_box_of_what_is_not_zero(self) -> None:
        image = torch.zeros(6, 7, 8)
        image[2, 3, 4], image[4, 5, 6] = 1.0, 2.0
        cut, low = field_of_view(image)
        self.assertEqual((tuple(cut.shape), low.tolist()), ((3, 3, 3), [2, 3, 4]))
        self.assertEqual((float(cut[0, 0, 0]), float(cut[2, 2, 2])), (1.0, 2.0))


class FollowUpRowTest(unittest.TestCase):
    def test_the_error_is_the_distance_from_the_truth_in_millimetres(self) -> None:
        volume = body_volume()
        validator = Validator.__new__(Validator)
        validator.volumes, validator.patients, validator.ct_mr = [volume], [], []
        validator.follow_ups = {(volume.name, case): make_follow_up(volume, case, 5, 20) for case in CASES}
        truths = {id(follow.query): follow.truth for follow in validator.follow_ups.values()}
        queries = {float(follow.query.sum()): follow.truth for follow in validator.follow_ups.values()}
        self.assertEqual(len(queries), len(truths))

        def answer(_: object, __: object, query: torch.Tensor, *___: object) -> torch.Tensor:
            """The truth, 1.5 working voxels (3 mm) off along x."""
            near = min(queries, key=lambda total: abs(total - float(query.sum()) * 2))
            return queries[near] / 2 + torch.tensor([0.0, 0.0, 1.5])

        with mock.patch.multiple(validate, embed=lambda *_: NO_MAPS, match=answer):
            rows = list(validator.rows(EmbeddingNet(PLAIN_NET)))
        self.assertEqual([row["case"] for row in rows], [case for case in CASES for _ in range(2)])
        for row in rows:
            self.assertEqual((row["data"], row["n"]), ("block", 20))
            self.assertAlmostEqual(row["medianMm"], 3.0, places=2)
            self.assertEqual(row["within5mm"], 1.0)

    def test_rows_are_appended_with_step_and_time(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "validation.csv"
            validator = mock.Mock()
            validator.rows.return_value = [{"data": "chest", "medianMm": 2.5}]
            for step in (10, 20):
                write_table(validator, mock.Mock(), path, step, 1234.6)
            with path.open() as stream:
                rows = list(csv.DictReader(stream))
        self.assertEqual([row["step"] for row in rows], ["10", "20"])
        self.assertEqual(rows[1], {"step": "20", "seconds": "1235", "data": "chest", "medianMm": "2.5"})


class PatientTest(unittest.TestCase):
    def test_the_centroids_of_each_patient_are_looked_for_in_the_next(self) -> None:
        # Label 1 at the same place in all; label 2 in two of three patients only.
        centres = [{1: (10.0, 10.0, 10.0)}, {1: (10.0, 10.0, 16.0), 2: (30.0, 30.0, 30.0)}, {1: (10.0, 10.0, 10.0)}]
        patients = [
            dataclasses.replace(ramp_volume(), name=str(i), landmarks=tuple(named.items()))
            for i, named in enumerate(centres)
        ]
        with mock.patch.multiple(validate, embed=lambda *_: NO_MAPS, match=lambda _, __, query, *___: query):
            rows = list(inter_patient(EmbeddingNet(PLAIN_NET), patients))
        self.assertEqual([row["method"] for row in rows], ["sam"])
        # The answer is the query: errors 6, 6 and 0 mm.
        self.assertEqual((rows[0]["n"], rows[0]["medianMm"], rows[0]["meanMm"]), (3, 6.0, 4.0))

    def test_an_mr_point_is_right_where_the_ct_has_it(self) -> None:
        ct = body_volume()
        mr = dataclasses.replace(ct, name="mr")
        low = torch.tensor([4.0, 6.0, 6.0])

        def answer(_: object, __: object, query: torch.Tensor, *___: object) -> torch.Tensor:
            """Undo the cut of the MR, then 2 working voxels (4 mm) too high."""
            return query + low + torch.tensor([2.0, 0.0, 0.0])

        with mock.patch.multiple(validate, embed=lambda *_: NO_MAPS, match=answer):
            row = cross_modality(EmbeddingNet(PLAIN_NET), [(ct, mr)])
        self.assertEqual((row["n"], row["case"]), (200, "mr to ct"))
        self.assertAlmostEqual(row["medianMm"], 4.0, places=3)


class ValidatorTest(unittest.TestCase):
    def test_it_reads_the_held_out_volumes_and_makes_every_case(self) -> None:
        volume = body_volume()
        with mock.patch.multiple(
            validate,
            split=lambda folder, _: ([Path("training")], [Path(f"{folder}{i}") for i in range(3)]),
            read_ct=lambda path, **_: dataclasses.replace(volume, name=path.name),
            make_follow_up=lambda chosen, case, seed: (chosen.name, case, seed),
        ):
            validator = Validator(Path(), tiny_training(), headneck=2)
        self.assertEqual([v.name for v in validator.volumes], ["torso0", "torso1", "torso2"])
        self.assertEqual([v.name for v in validator.patients], ["headneck0", "headneck1"])
        seeds = [seed for _, _, seed in validator.follow_ups.values()]
        self.assertEqual(len(validator.follow_ups), 3 * len(CASES))
        self.assertEqual(len(set(seeds)), len(seeds))


class FollowUpTest(unittest.TestCase):
    def test_the_same_seed_gives_the_same_follow_up(self) -> None:
        first, second, other = (make_follow_up(body_volume(), "strong", seed, 15) for seed in (3, 3, 4))
        self.assertTrue(torch.equal(first.image, second.image))
        self.assertTrue(torch.equal(first.query, second.query))
        self.assertFalse(torch.equal(first.truth, other.truth))

    def test_a_cropped_follow_up_has_the_stated_share_of_the_volume(self) -> None:
        volume = body_volume()
        follow = make_follow_up(volume, "crop", 3, 15)
        expected = [int(n * share) for n, share in zip((50, 60, 60), (0.55, 0.88, 0.88), strict=True)]
        self.assertEqual(list(follow.image.shape), expected)

    def test_points_lie_inside_the_body_and_both_fields_of_view(self) -> None:
        volume = body_volume()
        extent = volume.extent()
        for case in CASES:
            follow = make_follow_up(volume, case, 8, 40)
            self.assertTrue(bool(((follow.query > FIELD_MM) & (follow.query < extent - FIELD_MM)).all()), case)
            last = (torch.tensor(follow.image.shape) - 1) * 2.0
            self.assertTrue(bool(((follow.truth >= FIELD_MM) & (follow.truth <= last - FIELD_MM)).all()), case)

    def test_the_amplitude_is_the_99th_percentile(self) -> None:
        points = 80 * torch.rand(2000, 3, generator=generator()) - 40
        field = scaled_field(generator(), torch.full((3,), 60.0), 30.0, 12.0, points)
        lengths = field.at(points).norm(dim=1)
        self.assertAlmostEqual(float(torch.quantile(lengths, 0.99)), 12.0, places=3)

    def test_thick_slices_are_five_millimetres(self) -> None:
        image = torch.zeros(1, 1, 20, 2, 2)
        image[0, 0, 10] = 100.0
        out = thick(image)[0, 0, :, 0, 0]
        self.assertEqual(len(out), 20)
        # 20 slices of 2 mm are 8 of 5 mm: 100 spread over 2.5 slices.
        self.assertLessEqual(float(out.max()), 50.0)
        self.assertGreater(int((out > 1).sum()), 2)

    def test_the_skin_is_not_deep_body(self) -> None:
        image = torch.zeros(30, 40, 40)
        image[:, 8:32, 8:32] = 1000.0
        deep = deep_body(image, 4)
        inside = torch.nonzero(deep[15])
        # In the slice, the eroded block: SKIN_MM of 2 mm voxels on each side.
        skin = int(SKIN_MM / 2)
        self.assertEqual(
            (inside.min(0).values.tolist(), inside.max(0).values.tolist()), ([8 + skin] * 2, [31 - skin] * 2)
        )

    def test_eligible_points_map_into_the_volume(self) -> None:
        image = torch.full((30, 40, 40), 1000.0)
        size = torch.tensor([30.0, 40.0, 40.0])
        source = torch.stack(torch.meshgrid(*[torch.arange(n) * 2.0 for n in (30, 40, 40)], indexing="ij"))
        shifted = source + torch.tensor([0.0, 0.0, 50.0]).view(3, 1, 1, 1)
        found = eligible(image, shifted, size, generator(), 50)
        self.assertLess(float(found[:, 2].max()) * 2 + 50, 78 - FIELD_MM)

    def test_resampling_has_the_size_of_the_extent(self) -> None:
        volume = Volume("x", torch.rand(4, 5, 6), torch.tensor([5.0, 1.0, 2.0]), torch.zeros(0, 3))
        # Extents 15, 4 and 10 mm hold 8, 3 and 6 points of 2 mm.
        out = resampled(volume)
        self.assertEqual(tuple(out.shape), (8, 3, 6))
        self.assertTrue(torch.allclose(out[0, 1], volume.image[0, 2]))


if __name__ == "__main__":
    unittest.main()
