"""Published keys and shapes, forward sizes, input windows."""

import ast
import dataclasses
import unittest
from pathlib import Path

import torch

from samepoint_training.errors import ConfigError
from samepoint_training.network import (
    EmbeddingNet,
    NetworkConfig,
    apply_windows,
    normalise_hu,
    sam_config,
)
from tests.fixtures import TINY, TWO_PHASES

KEYS = Path(__file__).with_name("sam-uae-keys.tsv")


def published() -> dict:
    """{key: shape} of the 146 entries of UAE-S / UAE-M."""
    rows = [line.split("\t") for line in KEYS.read_text().splitlines() if line.strip()]
    return {key: ast.literal_eval(shape) for key, shape in rows}


class NetworkTest(unittest.TestCase):
    def test_uae_has_exactly_the_published_keys_and_shapes(self) -> None:
        net = EmbeddingNet(sam_config(64, 128, semantic=True))
        own = {key: tuple(value.shape) for key, value in net.state_dict().items()}
        self.assertEqual(own, published())
        self.assertEqual(len(own), 146)
        self.assertEqual(sum(p.numel() for p in net.parameters()), 33_333_184)

    def test_sam_lacks_only_the_semantic_head(self) -> None:
        net = EmbeddingNet(sam_config())
        expected = {k for k in published() if not k.startswith("semantic_head.")}
        self.assertEqual(set(net.state_dict()), expected)
        self.assertEqual(sum(p.numel() for p in net.parameters()), 32_832_960)

    def test_grid_sizes_z_floors_and_xy_ceils(self) -> None:
        for config, coarse in ((sam_config(4, 8, True), (4, 16, 16)), (TINY, (16, 16, 16)), (TWO_PHASES, (8, 8, 8))):
            net = EmbeddingNet(config).eval()
            self.assertEqual(config.fine_stride(), (2, 2, 2))
            self.assertEqual(config.coarse_stride(), coarse)
            for d, h, w in ((32, 96, 96), (33, 97, 99), (31, 95, 101)):
                with torch.no_grad():
                    out = net(torch.randn(1, 1, d, h, w))
                size = (d // 2, -(-h // 2), -(-w // 2))
                self.assertEqual(tuple(out["fine"].shape[2:]), size)
                self.assertEqual(tuple(out["semantic"].shape[2:]), size)
                wanted = (-(-size[0] * 2 // coarse[0]), -(-h // coarse[1]), -(-w // coarse[2]))
                self.assertEqual(tuple(out["coarse"].shape[2:]), wanted)
                self.assertLess(float((out["fine"].norm(dim=1) - 1).abs().max()), 1e-5)

    def test_second_phase_is_the_map_of_the_shifted_image(self) -> None:
        torch.manual_seed(3)
        one, two = EmbeddingNet(TINY).eval(), EmbeddingNet(TWO_PHASES).eval()
        two.load_state_dict(one.state_dict())
        image = 30 * torch.randn(1, 1, 176, 176, 176)
        shifted = torch.nn.functional.pad(image, (8, 0, 8, 0, 8, 0))
        with torch.no_grad():
            here, there, both = (net.raw(x)["coarse"] for net, x in ((one, image), (one, shifted), (two, image)))
        up = [torch.nn.functional.interpolate(x, scale_factor=2, mode="trilinear") for x in (here, there)]
        inner, later = slice(9, 13), slice(10, 14)  # beyond the reach of the zeros around the image
        expected = (up[0][:, :, inner, inner, inner] + up[1][:, :, later, later, later]) / 2
        self.assertLess(float((both[:, :, inner, inner, inner] - expected).abs().max()), 1e-4)

    def test_only_the_phases_of_a_network_can_change(self) -> None:
        net = EmbeddingNet(TINY)
        net.reconfigure(TWO_PHASES)
        self.assertEqual(net.config.coarse_stride(), (8, 8, 8))
        with self.assertRaisesRegex(ConfigError, "phases"):
            net.reconfigure(dataclasses.replace(TINY, embedding=TINY.embedding + 1))

    def test_input_scale_of_the_specification(self) -> None:
        out = normalise_hu(torch.tensor([-1000.0, 0.0, 40.0, 200.0, 1000.0, 9000.0]))
        for value, expected in zip(out.tolist(), (-48.5, 13.77, 16.26, 26.2, 76.0, 205.0), strict=True):
            self.assertAlmostEqual(value, expected, delta=0.06)

    def test_windows_map_their_hu_interval_to_plus_minus_one(self) -> None:
        hu = torch.tensor([-160.0, 40.0, 240.0, 900.0]).view(1, 1, 1, 1, 4)
        out = apply_windows(normalise_hu(hu), ((-160.0, 240.0),)).flatten()
        self.assertLess(float((out - torch.tensor([-1.0, 0.0, 1.0, 1.0])).abs().max()), 1e-4)

    def test_bad_configuration_is_refused(self) -> None:
        for bad in ({"embedding": 0}, {"neck_levels": 5}, {"windows": ((100.0, 100.0),)}, {"phases": 3}):
            with self.assertRaises(ConfigError):
                NetworkConfig(**bad)


if __name__ == "__main__":
    unittest.main()
