"""Maps with known displacements: hand-computed B-splines, translations, rotations, inverses."""

import unittest

import torch

from samepoint_training.smoothmap import Field, SmoothMap, bspline_weights, random_field, rotation, uniform


def generator(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def grid_points(axes: list[torch.Tensor]) -> torch.Tensor:
    """The points (N, 3) of a grid, in the order of its voxels."""
    return torch.stack(torch.meshgrid(*axes, indexing="ij")).flatten(1).t()


def constant_field(displacement: list[float]) -> Field:
    """A field whose knots are all equal: by the partition of unity a translation."""
    knots = torch.tensor(displacement).view(3, 1, 1, 1).expand(3, 6, 6, 6).contiguous()
    return Field(knots, 10.0, torch.zeros(3))


class SplineTest(unittest.TestCase):
    def test_weights_at_a_knot_are_a_sixth_and_two_thirds(self) -> None:
        weights = bspline_weights(torch.tensor([1.0]), 5)[0]
        expected = torch.tensor([0.0, 1 / 6, 2 / 3, 1 / 6, 0.0])
        self.assertTrue(torch.allclose(weights, expected, atol=1e-6), weights)

    def test_weights_halfway_between_knots(self) -> None:
        # Cubic B-spline at distances 0.5 and 1.5: 23/48 and 1/48.
        weights = bspline_weights(torch.tensor([0.5]), 4)[0]
        expected = torch.tensor([1 / 48, 23 / 48, 23 / 48, 1 / 48])
        self.assertTrue(torch.allclose(weights, expected, atol=1e-6), weights)

    def test_one_knot_displaces_its_place_by_eight_twentysevenths(self) -> None:
        knots = torch.zeros(3, 5, 5, 5)
        knots[1, 2, 2, 2] = 27.0
        field = Field(knots, 10.0, torch.tensor([-10.0, -10.0, -10.0]))
        # Knot 2 stands at position 1 of the knots' own grid: at 0 mm. Its weight there is (2 / 3) ** 3.
        moved = field.at(torch.tensor([[0.0, 0.0, 0.0], [10.0, 0.0, 0.0], [20.0, 0.0, 0.0]]))
        expected = torch.tensor([[0.0, 8.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 0.0]])
        self.assertTrue(torch.allclose(moved, expected, atol=1e-4), moved)

    def test_equal_knots_are_a_translation(self) -> None:
        field = constant_field([3.0, -2.0, 1.0])
        points = 25 * torch.rand(20, 3, generator=generator())
        self.assertTrue(torch.allclose(field.at(points), torch.tensor([3.0, -2.0, 1.0]).expand(20, 3), atol=1e-5))

    def test_a_random_field_covers_its_extent(self) -> None:
        half = torch.tensor([50.0, 60.0, 70.0])
        field = random_field(generator(), half, 20.0, 1.0)
        for axis in range(3):
            ends = torch.tensor([-half[axis], half[axis]])
            # Were a knot missing at an end, the weights would not sum to 1 there.
            self.assertTrue(torch.allclose(field.weights(axis, ends).sum(1), torch.ones(2), atol=1e-5), axis)

    def test_sigma_scales_the_same_field(self) -> None:
        half = torch.tensor([30.0, 30.0, 30.0])
        one, three = (random_field(generator(4), half, 15.0, sigma) for sigma in (1.0, 3.0))
        self.assertTrue(torch.allclose(3 * one.knots, three.knots))


class RotationTest(unittest.TestCase):
    def test_quarter_turns(self) -> None:
        # About z: y to x. About y: z to x. About x: z to y. Coordinates are (z, y, x).
        for angles, start, end in (
            ((90.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
            ((0.0, 90.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)),
            ((0.0, 0.0, 90.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
        ):
            turned = rotation(angles) @ torch.tensor(start)
            self.assertTrue(torch.allclose(turned, torch.tensor(end), atol=1e-6), angles)

    def test_rotations_keep_lengths_and_handedness(self) -> None:
        matrix = rotation((11.0, -7.0, 23.0))
        self.assertTrue(torch.allclose(matrix @ matrix.T, torch.eye(3), atol=1e-6))
        self.assertAlmostEqual(float(torch.linalg.det(matrix)), 1.0, places=5)


class MapTest(unittest.TestCase):
    def setUp(self) -> None:
        self.map = SmoothMap(
            torch.tensor([5.0, 6.0, 7.0]), torch.diag(torch.tensor([2.0, 1.0, 0.5])), (constant_field([1.0, 1.0, 1.0]),)
        )

    def test_origin_matrix_and_field_add_up(self) -> None:
        moved = self.map.at(torch.tensor([[10.0, 10.0, 10.0]]))
        self.assertTrue(torch.allclose(moved, torch.tensor([[26.0, 17.0, 13.0]]), atol=1e-4), moved)

    def test_the_grid_is_the_map_of_its_points(self) -> None:
        axes = [torch.arange(3) * 2.0, torch.arange(4) * 3.0, torch.arange(2) * 5.0]
        grid = self.map.on_grid(axes)
        self.assertEqual(tuple(grid.shape), (3, 3, 4, 2))
        self.assertTrue(torch.allclose(grid.flatten(1).t(), self.map.at(grid_points(axes)), atol=1e-4))

    def test_the_inverse_of_an_affine_map_is_exact(self) -> None:
        points = torch.tensor([[4.0, 8.0, 12.0], [15.0, 3.0, 9.0]])
        back, residual = self.map.inverse_at(self.map.at(points))
        self.assertLess(float((back - points).abs().max()), 1e-3)
        self.assertLess(float(residual.max()), 1e-3)

    def test_the_residual_is_the_distance_that_the_inverse_leaves(self) -> None:
        bent = SmoothMap(torch.zeros(3), torch.eye(3), (random_field(generator(3), torch.full((3,), 60.0), 25.0, 4.0),))
        source = torch.tensor([[10.0, -20.0, 30.0], [0.0, 0.0, 0.0]])
        for rounds in (0, 1, 12):
            points, residual = bent.inverse_at(source, rounds)
            self.assertTrue(torch.allclose(residual, (bent.at(points) - source).norm(dim=1), atol=1e-4))
        self.assertLess(float(residual.max()), 0.1)
        self.assertGreater(float(bent.inverse_at(source, 0)[1].max()), 0.5)


class UniformTest(unittest.TestCase):
    def test_numbers_lie_in_their_interval_and_follow_the_generator(self) -> None:
        first, second = generator(9), generator(9)
        numbers = [uniform(first, -2.0, 3.0) for _ in range(200)]
        self.assertEqual(numbers, [uniform(second, -2.0, 3.0) for _ in range(200)])
        self.assertTrue(all(-2.0 <= number < 3.0 for number in numbers))
        self.assertAlmostEqual(sum(numbers) / 200, 0.5, delta=0.4)


if __name__ == "__main__":
    unittest.main()
