"""The folded form operation by operation: against PyTorch's layers, and the numbers in the ONNX graphs."""

import dataclasses
import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional as F

from samepoint_training.config import DataConfig, TrainingConfig
from samepoint_training.errors import ConfigError
from samepoint_training.export import calibrate, export_graphs, intensities, manifest, read_about, stem_bytes, write
from samepoint_training.folded import Conv2d, FoldedNet, fold_last, fold_plain, fold_unit, z_strides, z_taps_as_channels
from samepoint_training.network import ConvUnit, EmbeddingNet, PlainConv, PyramidHead, sam_config
from samepoint_training.onnx_ops import SIGNED_ZERO, WEIGHT_LEVELS, OnnxOps, Value
from samepoint_training.torch_ops import TorchOps, stacked_slices
from tests.fixtures import TINY, TWO_PHASES, tiny_training

ABOUT = {"id": "tiny", "title": "t", "version": "1.0.0", "region": "none", "preference": 3, "weights": {"fine": 1.0}}


def conv(weight: torch.Tensor, bias: torch.Tensor, stride: int = 1, pads: tuple[int, int] = (0, 0)) -> Conv2d:
    """A folded convolution of a 3-D weight; stride and pads along z only."""
    none = (0, 0)
    kernel = tuple(weight.shape[2:])
    return Conv2d("c", z_taps_as_channels(weight), bias, kernel, (stride, 1, 1), (pads, none, none), False)


def constants(model: onnx.ModelProto) -> dict[str, np.ndarray]:
    """{name: array} of the initialisers."""
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def random_net(config: object) -> EmbeddingNet:
    torch.manual_seed(2)
    net = EmbeddingNet(config)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm3d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias)
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2.0)
    return net.eval()


class FoldTest(unittest.TestCase):
    def test_a_unit_is_one_convolution(self) -> None:
        torch.manual_seed(0)
        for kernel, stride, relu in (((3, 3, 3), (1, 2, 2), True), ((4, 4, 4), (2, 2, 2), False)):
            unit = ConvUnit(3, 5, kernel, stride, relu).eval()
            unit.bn.running_mean.normal_()
            unit.bn.running_var.uniform_(0.5, 2.0)
            image = torch.randn(1, 3, 9, 10, 11)
            with torch.no_grad():
                expected = unit(image)
            folded = fold_unit(unit, "u")
            found = TorchOps().conv(image[0].transpose(0, 1), folded).transpose(0, 1)[None]
            self.assertTrue(torch.allclose(found, expected, atol=1e-5), kernel)
            self.assertEqual(folded.relu, relu)

    def test_a_share_scales_weight_and_bias(self) -> None:
        layer = PlainConv(2, 3, (1, 1, 1))
        nn.init.normal_(layer.conv.bias)
        whole, half = fold_plain(layer, "p"), fold_plain(layer, "p", 0.5)
        self.assertTrue(torch.allclose(half.weight, whole.weight / 2))
        self.assertTrue(torch.allclose(half.bias, whole.bias / 2))

    def test_only_the_last_convolution_has_signed_codes(self) -> None:
        head = PyramidHead((4, 4), 4, 6, (3, 3, 3))
        self.assertTrue(fold_last(head, "fine").signed)
        self.assertFalse(fold_plain(head.lateral_convs[0], "fine.lateral0").signed)

    def test_taps_along_z_are_stacked_slices(self) -> None:
        x = torch.randn(7, 2, 4, 5)
        weight, bias = torch.randn(3, 2, 3, 1, 1), torch.zeros(3)
        for stride, pads in ((1, (1, 1)), (2, (0, 1)), (2, (1, 1))):
            folded = conv(weight, bias, stride, pads)
            found = F.conv2d(stacked_slices(x, folded), folded.weight).transpose(0, 1)
            padded = F.pad(x.transpose(0, 1), (0, 0, 0, 0, *pads))[None]
            expected = F.conv3d(padded, weight, stride=(stride, 1, 1))[0]
            self.assertTrue(torch.allclose(found, expected, atol=1e-5), (stride, pads))

    def test_the_stem_ends_where_layers_see_more_than_one_slice(self) -> None:
        self.assertEqual(FoldedNet(random_net(sam_config(4, 8))).stem_levels, 2)
        self.assertEqual(FoldedNet(random_net(TINY)).stem_levels, 1)

    def test_windows_are_lines_from_minus_one_to_one(self) -> None:
        scales = FoldedNet(random_net(TINY)).window_scales()
        for (factor, summand), (low, high) in zip(scales, TINY.windows, strict=True):
            for hu, expected in ((low, -1.0), (high, 1.0)):
                value = (hu + 1024) * 255 / 4095 - 50
                self.assertAlmostEqual(value * factor + summand, expected, places=4)


class TorchOpsTest(unittest.TestCase):
    def test_ranges_grow_over_the_runs_and_contain_zero(self) -> None:
        ops = TorchOps()
        ops.record("a", torch.linspace(1.0, 2.0, 101))
        self.assertEqual(ops.ranges["a"][0], 0.0)
        self.assertAlmostEqual(ops.ranges["a"][1], 2.0, places=4)
        ops.record("a", torch.linspace(-3.0, 0.5, 101))
        self.assertAlmostEqual(ops.ranges["a"][0], -3.0, places=3)
        self.assertAlmostEqual(ops.ranges["a"][1], 2.0, places=4)

    def test_outliers_do_not_widen_a_range(self) -> None:
        values = torch.zeros(150_000)
        values[0] = 1e6
        ops = TorchOps()
        ops.record("a", values + 1)
        self.assertLess(ops.ranges["a"][1], 2.0)

    def test_the_z_pool_drops_an_odd_last_slice(self) -> None:
        x = torch.tensor([1.0, 5.0, 7.0, 2.0, 9.0]).view(5, 1, 1, 1)
        self.assertEqual(TorchOps().pool_z(x).flatten().tolist(), [5.0, 7.0])

    def test_upsampling_repeats_and_is_cropped_like_the_other_level(self) -> None:
        x = torch.arange(4.0).view(2, 1, 1, 2)
        like = torch.zeros(3, 1, 1, 3)
        self.assertEqual(TorchOps().upsample(x, (2, 1, 2), like)[:, 0, 0].tolist(), [[0, 0, 1], [0, 0, 1], [2, 2, 3]])

    def test_a_shift_puts_zeros_first(self) -> None:
        out = TorchOps().shift(torch.ones(1, 1, 1, 1))
        self.assertEqual(tuple(out.shape), (2, 1, 2, 2))
        self.assertEqual((float(out.sum()), float(out[1, 0, 1, 1])), (1.0, 1.0))

    def test_calibration_measures_every_activation_that_the_graphs_quantise(self) -> None:
        for config in (TINY, TWO_PHASES, sam_config(4, 8, semantic=True)):
            folded = FoldedNet(random_net(config))
            ranges = calibrate(folded, [30 * torch.randn(1, 1, 32, 32, 32)])
            self.assertTrue(all(low <= 0.0 <= high for low, high in ranges.values()))
            # A missing range raises ConfigError.
            self.assertEqual(len(export_graphs(folded, ranges)), 3)


class QuantiserTest(unittest.TestCase):
    def test_the_range_maps_to_0_to_255_and_zero_is_exact(self) -> None:
        ops = OnnxOps({"a": (-1.0, 4.1)})
        value = ops.activation("x", "a")
        self.assertAlmostEqual(value.scale, 5.1 / 255)
        self.assertEqual(value.zero, 50)
        self.assertAlmostEqual((0 - value.zero) * value.scale, -1.0, places=5)
        self.assertAlmostEqual((255 - value.zero) * value.scale, 4.1, places=5)

    def test_a_range_without_zero_is_widened_to_it(self) -> None:
        value = OnnxOps({"a": (2.0, 4.0)}).activation("x", "a")
        self.assertEqual((value.zero, round(value.scale * 255, 5)), (0, 4.0))

    def test_maps_are_symmetric(self) -> None:
        value = OnnxOps({"fine.fpn": (-0.5, 0.2)}).signed("x", "fine.fpn")
        self.assertEqual(value.zero, SIGNED_ZERO)
        self.assertAlmostEqual(value.scale, 0.5 / 127)

    def test_an_unmeasured_activation_is_named(self) -> None:
        with self.assertRaisesRegex(ConfigError, "no calibrated range for activation 'layer9'"):
            OnnxOps({}).activation("x", "layer9")

    def test_without_ranges_nothing_is_quantised(self) -> None:
        ops = OnnxOps()
        self.assertEqual(ops.activation("x", "a"), Value("x"))
        self.assertEqual(ops.nodes, [])

    def test_weights_have_seven_bits_per_channel(self) -> None:
        ops = OnnxOps({"c": (0.0, 1.0)})
        weight = torch.tensor([[1.0, -0.4], [0.1, 0.02]]).view(2, 2, 1, 1, 1)
        ops.conv(Value("x", "codes", 0.25, 3), conv(weight, torch.tensor([0.5, -0.1])))
        codes = next(array for array in ops.constants.values() if array.dtype == np.int8 and array.ndim == 4)
        self.assertEqual(codes.reshape(2, 2).tolist(), [[WEIGHT_LEVELS, -25], [WEIGHT_LEVELS, 13]])
        bias = next(array for array in ops.constants.values() if array.dtype == np.int32 and array.any())
        # Steps of weight scale x input scale: 1 / 63 / 4 and 0.1 / 63 / 4.
        self.assertEqual(bias.tolist(), [126, -252])

    def test_equal_constants_are_shared(self) -> None:
        ops = OnnxOps()
        names = {ops.ints(1, 2), ops.ints(1, 2), ops.ints(2, 1), ops.constant(np.array([1, 2], np.float32))}
        self.assertEqual((len(names), len(ops.constants)), (3, 3))

    def test_unused_nodes_are_removed(self) -> None:
        ops = OnnxOps()
        used = ops.node("Relu", ["image"])
        ops.node("Neg", ["image"])
        self.assertEqual([node.op_type for node in ops.needed({used})], ["Relu"])


class GraphTest(unittest.TestCase):
    def test_graphs_hand_over_what_the_next_one_reads(self) -> None:
        for config in (TINY, TWO_PHASES, sam_config(4, 8, semantic=True)):
            known = {"image"}
            for graph in export_graphs(FoldedNet(random_net(config)), None):
                self.assertLessEqual(set(graph.inputs), known)
                known |= set(graph.outputs)
            self.assertLessEqual({"fine", "coarse", "semantic"} - known, set())

    def test_codes_keep_their_quantiser_between_graphs(self) -> None:
        folded = FoldedNet(random_net(TINY))
        stem, trunk, heads = export_graphs(folded, calibrate(folded, [30 * torch.randn(1, 1, 32, 32, 32)]))
        self.assertEqual(set(stem.codes), {"level0"})
        for graph in (trunk, heads):
            entry = next(value for value in graph.model.graph.input if value.name == "level0")
            self.assertEqual(entry.type.tensor_type.elem_type, onnx.TensorProto.UINT8)
            scales = [
                float(array)
                for array in constants(graph.model).values()
                if array.shape == () and array.dtype == np.float32
            ]
            self.assertTrue(any(abs(scale - stem.codes["level0"][0]) < 1e-7 for scale in scales), graph.name)

    def test_strides_along_z_are_products(self) -> None:
        for config, level2, coarse in ((TINY, 8, 16), (TWO_PHASES, 8, 8), (sam_config(4, 8), 2, 4)):
            strides = z_strides(FoldedNet(random_net(config)))
            self.assertEqual((strides["level0"], strides["level2"], strides["coarse"]), (2, level2, coarse))
            self.assertEqual(strides["fine"], 2)

    def test_a_halo_is_the_reach_of_the_graph_on_its_own_grid(self) -> None:
        stem, trunk, heads = export_graphs(FoldedNet(random_net(sam_config(4, 8))), None)
        # SAM: a stem kernel of 3 slices reaches 1, rounded up to the stride 2. The heads' 3 fine slices reach 1 x 2.
        self.assertEqual((stem.slab["halo"], trunk.slab, heads.slab["halo"]), (2, "whole", 2))
        stem, _, heads = export_graphs(FoldedNet(random_net(TINY)), None)
        # 4 taps reach 2. The last convolution is 1 x 3 x 3, so that the heads need no other slices.
        self.assertEqual((stem.slab["halo"], heads.slab["halo"]), (2, 0))

    def test_the_memory_of_a_stem_counts_its_layers(self) -> None:
        # One window: 4 + 12 + 3 taps of 4 bytes + 3 copies of 4 bytes x 4 channels.
        self.assertEqual(stem_bytes(FoldedNet(random_net(sam_config(4, 8)))), 4 + 12 + 12 + 48)


class ManifestTest(unittest.TestCase):
    def test_maps_name_their_grid_and_channels(self) -> None:
        folded = FoldedNet(random_net(TINY))
        outputs = {o["role"]: o for o in manifest(folded, ABOUT, tiny_training(), [], Path())["outputs"]}
        self.assertEqual(outputs["coarse"]["stride"], [16, 16, 16])
        self.assertEqual(outputs["coarse"]["centre"], [7.5, 7.5, 7.5])
        self.assertEqual(outputs["fine"]["centre"], [0.5, 0.5, 0.5])
        self.assertEqual({role: o["channels"] for role, o in outputs.items()}, {"fine": 8, "coarse": 8, "semantic": 4})

    def test_an_unused_semantic_head_makes_a_sam_model(self) -> None:
        folded = FoldedNet(random_net(TINY), semantic=False)
        made = manifest(folded, ABOUT, tiny_training(), [], Path())
        self.assertEqual((made["kind"], [o["role"] for o in made["outputs"]]), ("sam", ["fine", "coarse"]))

    def test_the_intensity_of_sam(self) -> None:
        config = TrainingConfig("x", "SAM")
        ct = intensities(config)["CT"]
        self.assertEqual((ct["low"], ct["high"], ct["offset"], ct["outside"]), (-1024.0, 3071.0, -50.0, -1024.0))
        self.assertAlmostEqual(ct["scale"], 255 / 4095)
        self.assertNotIn("MR", intensities(config))

    def test_a_ct_mr_model_maps_window_and_percentiles_to_one_range(self) -> None:
        config = dataclasses.replace(
            TrainingConfig("x", "UAE-M"), data=DataConfig(ct_mr=True, ct_window=(-250.0, 600.0))
        )
        maps = intensities(config)
        self.assertAlmostEqual(maps["CT"]["scale"] * 850.0, 255.0)
        self.assertAlmostEqual(maps["MR"]["scale"], 255.0)
        self.assertEqual((maps["MR"]["lowPercent"], maps["MR"]["highPercent"]), (0.2, 99.8))

    def test_written_files_have_their_hashes_and_pass_the_checker(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            files = write(FoldedNet(random_net(TINY)), None, ABOUT, tiny_training(), folder)
            made = json.loads((folder / "model.json").read_text())
            self.assertEqual([f.name for f in files], ["stem.onnx", "trunk.onnx", "heads.onnx", "model.json"])
            for entry in made["graphs"]:
                onnx.checker.check_model(str(folder / entry["file"]))
                self.assertRegex(entry["sha256"], "^[0-9a-f]{64}$")
            self.assertEqual(len({entry["sha256"] for entry in made["graphs"]}), 3)
            again = Path(name) / "again"
            write(FoldedNet(random_net(TINY)), None, ABOUT, tiny_training(), again)
            self.assertEqual(json.loads((again / "model.json").read_text()), made)

    def test_a_description_says_what_is_wrong_with_it(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            file = Path(name) / "about.json"
            for text, word in (
                ("{", "about.json: not a readable JSON file"),
                ("[]", "about.json: the description must be an object, got list"),
                (json.dumps({**ABOUT, "colour": 1}), "about.json: keys must be .*colour"),
            ):
                file.write_text(text)
                with self.assertRaisesRegex(ConfigError, word):
                    read_about(file)


if __name__ == "__main__":
    unittest.main()
