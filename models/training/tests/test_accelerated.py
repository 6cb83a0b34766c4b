"""The form for GPUs: halved weights, the manifest beside it, and graphs that still compute the network."""

import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper

from samepoint_training.accelerated import PROVIDERS, SMALLEST_HALVED, add_form, halved
from samepoint_training.errors import ConfigError
from samepoint_training.export import calibrate, write
from samepoint_training.folded import FoldedNet
from tests.fixtures import TINY, tiny_training
from tests.test_export import about, settled


def matrix_product(weight: np.ndarray) -> onnx.ModelProto:
    """A graph of one product with a weight."""
    info = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, 32]) for name in "xy"]
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    graph = helper.make_graph([node], "g", info[:1], info[1:], [numpy_helper.from_array(weight, "w")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 7
    return model


class HalvedTest(unittest.TestCase):
    def test_large_constants_are_stored_in_half_the_bytes(self) -> None:
        weight = np.random.default_rng(1).normal(size=(32, 32)).astype(np.float32)
        model = matrix_product(weight)
        stored = numpy_helper.to_array(halved(model).graph.initializer[0])
        self.assertEqual(stored.dtype, np.float16)
        self.assertLess(float(np.abs(stored - weight).max()), 2e-3)
        self.assertEqual([node.op_type for node in halved(model).graph.node], ["Cast", "MatMul"])
        self.assertEqual(numpy_helper.to_array(model.graph.initializer[0]).dtype, np.float32)

    def test_small_constants_keep_their_digits(self) -> None:
        weight = np.full((1, SMALLEST_HALVED - 1), 1.0001, np.float32)
        self.assertEqual(halved(matrix_product(weight)).graph.initializer[0].data_type, onnx.TensorProto.FLOAT)


class FormTest(unittest.TestCase):
    def test_the_form_joins_an_int8_model_and_changes_nothing_else(self) -> None:
        folded = FoldedNet(settled(TINY))
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write(folded, calibrate(folded, [30 * torch.randn(1, 1, 32, 48, 48)]), about(True), tiny_training(), folder)
            before = json.loads((folder / "model.json").read_text())
            for _ in range(2):
                add_form(folded, folder)
            after = json.loads((folder / "model.json").read_text())
            forms = after.pop("forms")
            self.assertEqual(after, before)
            self.assertEqual(len(forms), 1)
            self.assertEqual(forms[0]["providers"], list(PROVIDERS))
            for graph in forms[0]["graphs"]:
                outputs = onnx.load(str(folder / graph["file"])).graph.output
                self.assertEqual({o.type.tensor_type.elem_type for o in outputs}, {onnx.TensorProto.FLOAT})

    def test_a_folder_without_a_model_is_refused(self) -> None:
        with tempfile.TemporaryDirectory() as name, self.assertRaises(ConfigError):
            add_form(FoldedNet(settled(TINY)), Path(name))

    def test_another_network_is_refused(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            graphs = [{"outputs": {"fine": {"tensor": "fine", "zStride": 2}}}]
            (folder / "model.json").write_text(json.dumps({"graphs": graphs}))
            with self.assertRaises(ConfigError):
                add_form(FoldedNet(settled(TINY)), folder)
            self.assertEqual([file.name for file in folder.iterdir()], ["model.json"])


if __name__ == "__main__":
    unittest.main()
