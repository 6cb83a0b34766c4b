"""Losses and their candidates against values computed by hand."""

import dataclasses
import math
import unittest

import torch

from samepoint_training.augment import FineGrid, View
from samepoint_training.config import LossConfig
from samepoint_training.data import Volume
from samepoint_training.errors import DataError
from samepoint_training.features import FeatureMaps
from samepoint_training.interloss import (
    labelled_features,
    loose_centroids,
    mapped_points,
    organ_contrast,
    point_contrast,
    shared_points,
    voxel_labels,
)
from samepoint_training.losses import (
    Candidates,
    direction_loss,
    info_nce,
    intra_loss,
    near_points,
    random_voxels,
    similarities,
)
from samepoint_training.smoothmap import SmoothMap
from tests.fixtures import ramp_volume

CONFIG = LossConfig(anchors=12, negatives=40, hard=0, near=6)


def generator(seed: int = 2) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def shifted_view(centre: tuple[float, float, float], size: tuple[int, int, int] = (8, 8, 8)) -> View:
    """A view of the volume around a point (mm), all of it inside the body. size: fine voxels."""
    grid = FineGrid(tuple(2 * n for n in size), (2, 2, 2), 2.0)
    view_map = SmoothMap(torch.tensor(centre), torch.eye(3), ())
    everything = torch.ones(size, dtype=torch.bool)
    source = view_map.on_grid(grid.axes())
    return View(torch.zeros(1, 1, *grid.patch), source, everything, everything, view_map, grid)


def two_head_candidates(fine: float, coarse: float) -> Candidates:
    """One anchor whose positive has the given cosines, against one negative of cosine 0 and one near of cosine 0."""

    def at(cosine: float) -> torch.Tensor:
        return torch.tensor([[cosine, math.sqrt(1 - cosine**2)]])

    heads = ("fine", "coarse")
    none = torch.zeros(1, 1, dtype=torch.bool)
    return Candidates(
        anchor={head: torch.tensor([[1.0, 0.0]]) for head in heads},
        positive={"fine": at(fine), "coarse": at(coarse)},
        negative={head: at(0.0) for head in heads},
        near={head: at(0.0) for head in heads},
        banned=dict.fromkeys(heads, none),
        near_banned=dict.fromkeys(heads, none),
    )


class InfoNceTest(unittest.TestCase):
    def test_two_rows_are_averaged(self) -> None:
        sims = (torch.tensor([[0.2], [0.4]]), torch.tensor([[0.2], [0.0]]), torch.zeros(2, 0))
        none = torch.zeros(2, 1, dtype=torch.bool)
        loss = info_nce(sims, none, none[:, :0], 0.2, 0)
        expected = (math.log(2) + math.log(1 + math.exp(-2))) / 2
        self.assertAlmostEqual(float(loss), expected, places=5)

    def test_near_negatives_count_unless_banned(self) -> None:
        positive, negative = torch.tensor([[0.0]]), torch.zeros(1, 0)
        near = torch.tensor([[0.0, 0.0, 0.0]])
        for banned, count in (([False] * 3, 3), ([True, False, False], 2), ([True] * 3, 0)):
            mask = torch.tensor([banned])
            loss = info_nce((positive, negative, near), mask[:, :0], mask, 1.0, 0)
            self.assertAlmostEqual(float(loss), math.log(1 + count), places=4)

    def test_hard_never_selects_a_banned_negative(self) -> None:
        sims = (torch.tensor([[0.0]]), torch.tensor([[1.0, 0.0]]), torch.zeros(1, 0))
        banned = torch.tensor([[True, False]])
        self.assertAlmostEqual(float(info_nce(sims, banned, banned[:, :0], 1.0, 1)), math.log(2), places=5)

    def test_a_lower_temperature_sharpens(self) -> None:
        sims = (torch.tensor([[0.5]]), torch.tensor([[0.4]]), torch.zeros(1, 0))
        none = torch.zeros(1, 1, dtype=torch.bool)
        for tau in (1.0, 0.1):
            loss = info_nce(sims, none, none[:, :0], tau, 0)
            self.assertAlmostEqual(float(loss), math.log(1 + math.exp(-0.1 / tau)), places=5)


class DirectionTest(unittest.TestCase):
    def test_each_term_is_the_info_nce_of_its_similarity(self) -> None:
        config = dataclasses.replace(CONFIG, temperature=0.5)
        loss = direction_loss(two_head_candidates(0.8, 0.2), config)
        for head, cosine, tau in (("fine", 0.8, 0.5), ("coarse", 0.2, 0.5), ("combined", 0.5, 0.375)):
            expected = math.log(1 + 2 * math.exp(-cosine / tau))
            self.assertAlmostEqual(float(loss[head]), expected, places=5, msg=head)

    def test_hit_is_whether_the_positive_is_the_most_similar(self) -> None:
        self.assertEqual(float(direction_loss(two_head_candidates(0.8, 0.2), CONFIG)["hit"]), 1.0)
        self.assertEqual(float(direction_loss(two_head_candidates(0.1, -0.5), CONFIG)["hit"]), 0.0)

    def test_other_patients_count_in_the_coarse_head_unless_they_show_the_same_place(self) -> None:
        config = dataclasses.replace(CONFIG, temperature=0.5)
        without = direction_loss(two_head_candidates(0.8, 0.2), config)
        others = torch.tensor([[0.0, 1.0], [-1.0, 0.0], [0.8, 0.6]])
        candidates = dataclasses.replace(two_head_candidates(0.8, 0.2), others=others)
        loss = direction_loss(candidates, config)
        # Two negatives of cosine 0 as before, one more of 0 and one of -1; a cosine of 0.8 is the same place.
        expected = math.log(1 + math.exp(-0.4) * (3 + math.exp(-2)))
        self.assertAlmostEqual(float(loss["coarse"]), expected, places=5)
        for term in ("fine", "combined", "hit"):
            self.assertEqual(float(loss[term]), float(without[term]), msg=term)

    def test_no_anchor_gives_no_terms(self) -> None:
        empty = {head: torch.zeros(0, 2) for head in ("fine", "coarse")}
        candidates = dataclasses.replace(two_head_candidates(0.5, 0.5), anchor=empty)
        self.assertEqual(direction_loss(candidates, CONFIG), {})

    def test_similarities_are_dot_products(self) -> None:
        candidates = two_head_candidates(0.8, 0.2)
        positive, negative, near = similarities(candidates, "fine")
        self.assertAlmostEqual(float(positive), 0.8, places=6)
        self.assertEqual((tuple(negative.shape), tuple(near.shape)), ((1, 1), (1, 1)))


class CandidateTest(unittest.TestCase):
    def test_random_voxels_are_true_voxels_of_the_mask(self) -> None:
        mask = torch.zeros(4, 5, 6, dtype=torch.bool)
        mask[1, 2, 3] = mask[3, 4, 5] = True
        found = random_voxels(mask, 50, generator())
        self.assertEqual({tuple(row) for row in found.tolist()}, {(1, 2, 3), (3, 4, 5)})
        self.assertEqual(len(random_voxels(torch.zeros_like(mask), 50, generator())), 0)

    def test_near_points_lie_in_their_shell_and_know_their_distance(self) -> None:
        view = shifted_view((50.0, 50.0, 50.0), (32, 32, 32))
        config = dataclasses.replace(CONFIG, near_radius_mm=(8.0, 20.0))
        centre = torch.tensor([[16.0, 16.0, 16.0]])
        index, distance = near_points(centre, view, config, generator())
        self.assertEqual((tuple(index.shape), tuple(distance.shape)), ((6, 3), (1, 6)))
        # Fine voxels of 4 mm.
        self.assertTrue(torch.allclose((index - centre).norm(dim=1) * 4, distance[0], atol=1e-4))
        self.assertTrue(bool(((distance >= 8 - 1e-3) & (distance <= 20 + 1e-3)).all()))

    def test_near_points_at_the_border_are_moved_into_the_view(self) -> None:
        view = shifted_view((50.0, 50.0, 50.0))
        index, distance = near_points(torch.zeros(1, 3), view, CONFIG, generator())
        self.assertTrue(bool(((index >= 0) & (index <= 7)).all()))
        self.assertTrue(torch.allclose(index.norm(dim=1) * 4, distance[0], atol=1e-4))


class IntraTest(unittest.TestCase):
    def maps(self, view: View) -> FeatureMaps:
        """Features that are the same function of the source position in every view: all correspondences are exact."""
        place = view.source / 30
        fine = torch.cat([torch.sin(place), torch.cos(place)])
        coarse = torch.nn.functional.avg_pool3d(fine[None], 2)[0]
        return FeatureMaps({"fine": fine, "coarse": coarse}, (2, 2, 2))

    def test_position_features_beat_random_ones(self) -> None:
        views = (shifted_view((50.0, 50.0, 50.0)), shifted_view((54.0, 46.0, 50.0)))
        maps = tuple(self.maps(view) for view in views)
        noise = tuple(
            FeatureMaps({h: torch.randn(f.shape, generator=generator(k)) for h, f in m.heads.items()}, (2, 2, 2))
            for k, m in enumerate(maps)
        )
        known, unknown = (intra_loss(views, m, CONFIG, generator()) for m in (maps, noise))
        self.assertLess(float(known["total"]), float(unknown["total"]))
        self.assertGreater(float(known["hit"]), float(unknown["hit"]))

    def test_the_total_is_the_weighted_sum(self) -> None:
        config = dataclasses.replace(CONFIG, fine_weight=2.0, coarse_weight=3.0, combined_weight=5.0)
        views = (shifted_view((50.0, 50.0, 50.0)), shifted_view((54.0, 46.0, 50.0)))
        loss = intra_loss(views, tuple(self.maps(view) for view in views), config, generator())
        expected = 2 * loss["fine"] + 3 * loss["coarse"] + 5 * loss["combined"]
        self.assertAlmostEqual(float(loss["total"]), float(expected), places=5)

    def test_other_patients_are_drawn_only_where_the_configuration_wants_it(self) -> None:
        views = (shifted_view((50.0, 50.0, 50.0)), shifted_view((54.0, 46.0, 50.0)))
        maps = tuple(self.maps(view) for view in views)
        far = shifted_view((120.0, 20.0, 90.0))
        others = [(far, self.maps(far))]
        terms = []
        for count, shown in ((0, ()), (0, others), (32, ()), (32, others)):
            config = dataclasses.replace(CONFIG, other_negatives=count)
            terms.append(intra_loss(views, maps, config, generator(), shown))
        for loss in terms[1:3]:
            self.assertEqual(float(loss["total"]), float(terms[0]["total"]))
        self.assertGreater(float(terms[3]["coarse"]), float(terms[0]["coarse"]))
        self.assertEqual(float(terms[3]["fine"]), float(terms[0]["fine"]))

    def test_views_without_a_common_point_have_no_loss(self) -> None:
        views = (shifted_view((50.0, 50.0, 50.0)), shifted_view((500.0, 50.0, 50.0)))
        self.assertEqual(intra_loss(views, tuple(self.maps(view) for view in views), CONFIG, generator()), {})


class OrganContrastTest(unittest.TestCase):
    def test_two_orthogonal_organs(self) -> None:
        labels = torch.tensor([1] * 4 + [2] * 4)
        rows = torch.eye(2)[labels - 1]
        # Own voxels have the logit 1 / 0.1, those of the other organ 0.
        expected = math.log(4 * math.exp(10) + 4) - 10
        self.assertAlmostEqual(float(organ_contrast(rows, labels)), expected, places=4)

    def test_background_is_a_negative(self) -> None:
        labels = torch.tensor([1] * 4 + [0] * 4)
        rows = torch.eye(2)[1 - labels]
        self.assertAlmostEqual(float(organ_contrast(rows, labels)), math.log(4 * math.exp(10) + 4) - 10, places=4)

    def test_small_organs_are_omitted(self) -> None:
        labels = torch.tensor([1] * 4 + [2] * 3)
        rows = torch.eye(2)[labels - 1]
        expected = math.log(4 * math.exp(10) + 3) - 10
        self.assertAlmostEqual(float(organ_contrast(rows, labels)), expected, places=4)
        self.assertIsNone(organ_contrast(rows[4:], labels[4:]))


class OrganPointTest(unittest.TestCase):
    def setUp(self) -> None:
        self.volume = ramp_volume(organs=True)
        # Organ voxels are at 48..63 mm in z, 36..62 mm in y, 40..54 mm in x.
        self.view = shifted_view((56.0, 48.0, 48.0), (12, 12, 12))

    def test_labels_are_those_of_the_nearest_voxel(self) -> None:
        labels = voxel_labels(self.volume, self.view)
        for index in ((5, 5, 5), (7, 6, 4), (0, 0, 0)):
            place = self.view.source[(slice(None), *index)] / self.volume.spacing
            z, y, x = place.round().long().tolist()
            self.assertEqual(int(labels[index]), int(self.volume.organs[z, y, x]))
        self.assertEqual(set(labels.unique().tolist()), {0, 1, 3})

    def test_a_volume_without_labels_is_refused(self) -> None:
        with self.assertRaisesRegex(DataError, "ramp: read without organ labels"):
            voxel_labels(ramp_volume(), self.view)

    def test_labels_outside_the_volume_are_background(self) -> None:
        far = shifted_view((-500.0, 48.0, 48.0))
        self.assertEqual(int(voxel_labels(self.volume, far).sum()), 0)

    def test_every_organ_voxel_is_a_row_and_rows_are_unit_vectors(self) -> None:
        labels = voxel_labels(self.volume, self.view)
        features = torch.randn(5, *labels.shape, generator=generator())
        rows, found = labelled_features(features, labels, generator())
        self.assertEqual(int((found > 0).sum()), int((labels > 0).sum()))
        self.assertTrue(torch.allclose(rows.norm(dim=1), torch.ones(len(rows)), atol=1e-5))
        first = torch.nonzero(labels.reshape(-1) > 0)[0, 0]
        expected = torch.nn.functional.normalize(features.flatten(1)[:, first], dim=0)
        self.assertTrue(torch.allclose(rows[0], expected))

    def test_shared_points_are_the_common_ones_at_their_places(self) -> None:
        centre = self.volume.anchors[10]
        first, second = {10: centre, 30: self.volume.anchors[30]}, {10: centre, 60: centre}
        here, there = shared_points([first, second], [self.view, self.view])
        expected = self.view.grid.to_index((centre - torch.tensor([56.0, 48.0, 48.0]))[None])
        self.assertTrue(torch.allclose(here, expected, atol=1e-3))
        self.assertTrue(torch.equal(here, there))

    def test_points_outside_a_view_or_of_one_patient_only_are_not_shared(self) -> None:
        far = shifted_view((-500.0, 48.0, 48.0))
        for points, views in (
            ([self.volume.anchors] * 2, [self.view, far]),
            ([self.volume.anchors, {}], [self.view, self.view]),
        ):
            self.assertEqual([len(found) for found in shared_points(points, views)], [0, 0])

    def test_organs_with_protocol_limits_give_loose_centroids(self) -> None:
        volume = dataclasses.replace(self.volume, landmarks=((1, (1.0, 2.0, 3.0)), (2, (4.0, 5.0, 6.0))))
        loose = loose_centroids(volume)
        self.assertEqual({code: point.tolist() for code, point in loose.items()}, {2: [4.0, 5.0, 6.0]})

    def test_the_same_patient_is_mapped_to_itself(self) -> None:
        volumes, views = [self.volume, self.volume], [self.view, self.view]
        here, there = mapped_points(volumes, views, 20, generator())
        self.assertEqual(len(here), 20)
        self.assertTrue(torch.allclose(here, there, atol=0.05))

    def test_few_common_landmarks_give_no_map(self) -> None:
        few: Volume = dataclasses.replace(self.volume, anchors={10: self.volume.anchors[10]})
        here, there = mapped_points([self.volume, few], [self.view, self.view], 20, generator())
        self.assertEqual((len(here), len(there)), (0, 0))

    def test_point_contrast_prefers_equal_features(self) -> None:
        features = torch.randn(6, 12, 12, 12, generator=generator())
        coarse = torch.randn(6, 6, 6, 6, generator=generator(3))
        maps = FeatureMaps({"fine": features, "coarse": coarse}, (2, 2, 2))
        at = torch.tensor([[3.0, 4.0, 5.0], [8.0, 7.0, 6.0]])
        right, wrong = (
            point_contrast(maps, at, maps, there, self.view, 8.0, CONFIG, generator()) for there in (at, at.flip(0))
        )
        self.assertLess(float(right), float(wrong))


if __name__ == "__main__":
    unittest.main()
