"""Folded form = network; ONNX = network; slabs = whole; int8 stays close. ONNX runs in onnxruntime-node."""

import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch

from samepoint_training.errors import ConfigError
from samepoint_training.export import calibrate, manifest, read_about, write
from samepoint_training.folded import FoldedNet
from samepoint_training.network import EmbeddingNet, NetworkConfig, sam_config, unit
from samepoint_training.torch_ops import TorchOps, run_folded
from tests.fixtures import TINY, TWO_PHASES, tiny_training

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
TOLERANCE = 1e-4
"""Largest difference of a component of a unit vector between PyTorch and ONNX fp32."""
SIZES = ((32, 48, 48), (33, 49, 51), (39, 47, 53))


def settled(config: NetworkConfig) -> EmbeddingNet:
    """A random network whose batch-norm statistics have seen data."""
    torch.manual_seed(1)
    net = EmbeddingNet(config).train()
    with torch.no_grad():
        for _ in range(4):
            net(30 * torch.randn(2, 1, 32, 48, 48))
    return net.eval()


def about(semantic: bool) -> dict:
    weights = {"fine": 0.5, "coarse": 0.5, **({"semantic": 0} if semantic else {})}
    return {"id": "tiny", "title": "t", "version": "0.0.1", "region": "none", "preference": 0, "weights": weights}


def run_onnx(folder: Path, image: torch.Tensor, slab: int) -> dict[str, torch.Tensor]:
    """{output: unit vectors (1, E, Z, Y, X)} of the exported graphs."""
    (folder / "image.f32").write_bytes(image.numpy().astype(np.float32).tobytes())
    (folder / "image.json").write_text(json.dumps(list(image.shape[2:])))
    command = ["node", str(HERE / "run_graphs.mjs"), str(folder)]
    subprocess.run(command, check=True, env={**os.environ, "SLAB": str(slab)}, stdout=subprocess.DEVNULL)
    out = {}
    for entry in json.loads((folder / "model.json").read_text())["outputs"]:
        data = np.fromfile(folder / f"{entry['tensor']}.f32", dtype=np.float32)
        size = json.loads((folder / f"{entry['tensor']}.json").read_text())
        out[entry["role"]] = unit(torch.from_numpy(data.reshape(size)).permute(3, 0, 1, 2)[None])
    return out


def needs_onnxruntime(test: unittest.TestCase) -> None:
    """Skip a test that runs exported graphs where there is nothing to run them."""
    if shutil.which("node") is None or not (REPOSITORY / "node_modules" / "onnxruntime-node").is_dir():
        test.skipTest("skipped: no onnxruntime-node")


class FoldedTest(unittest.TestCase):
    def test_folded_form_equals_the_network(self) -> None:
        for config in (TINY, TWO_PHASES, sam_config(4, 8, semantic=True), sam_config(4, 8)):
            net = settled(config)
            for size in SIZES:
                image = 30 * torch.randn(1, 1, *size)
                with torch.no_grad():
                    expected = net(image)
                found = run_folded(FoldedNet(net), image, TorchOps())
                self.assertEqual(set(found), set(expected))
                for head in expected:
                    self.assertLess(float((found[head] - expected[head]).abs().max()), TOLERANCE)

    def test_incomplete_description_is_refused(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "about.json"
            file.write_text("{}")
            with self.assertRaises(ConfigError):
                read_about(file)

    def test_body_parts_are_carried_through(self) -> None:
        parts = {"bodyParts": ["CHEST", "ABDOMEN"]}
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "about.json"
            file.write_text(json.dumps({**about(False), **parts}))
            described = read_about(file)
            made = manifest(FoldedNet(EmbeddingNet(TINY)), described, tiny_training(), [], Path(folder))
        self.assertEqual(made["bodyParts"], parts["bodyParts"])
        self.assertNotIn(
            "bodyParts", manifest(FoldedNet(EmbeddingNet(TINY)), about(False), tiny_training(), [], Path())
        )

    def test_shipped_body_parts_are_those_of_the_description(self) -> None:
        for name in ("samepoint-ct", "samepoint-any"):
            described = read_about(REPOSITORY / "models" / "training" / "manifests" / f"{name}.json")
            shipped = json.loads((REPOSITORY / "models" / name / "model.json").read_text())
            self.assertEqual(shipped["bodyParts"], described["bodyParts"], name)

    def test_another_id_can_be_given(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "about.json"
            file.write_text(json.dumps(about(False)))
            self.assertEqual(read_about(file), about(False))
            self.assertEqual(read_about(file, "tiny-fp32"), {**about(False), "id": "tiny-fp32"})


class OnnxTest(unittest.TestCase):
    def setUp(self) -> None:
        needs_onnxruntime(self)

    def test_fp32_equals_the_network_whole_and_in_slabs(self) -> None:
        for config in (TINY, TWO_PHASES, sam_config(4, 8, semantic=True)):
            net = settled(config)
            image = 30 * torch.randn(1, 1, 39, 47, 53)
            with torch.no_grad():
                expected = net(image)
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                write(FoldedNet(net), None, about(bool(config.semantic_embedding)), tiny_training(), folder)
                for slab in (0, 16):
                    found = run_onnx(folder, image, slab)
                    for head in expected:
                        self.assertLess(float((found[head] - expected[head]).abs().max()), TOLERANCE, (head, slab))

    def test_int8_points_the_same_way(self) -> None:
        for config in (TINY, TWO_PHASES):
            with self.subTest(phases=config.phases):
                self.compare_int8(config)

    def compare_int8(self, config: NetworkConfig) -> None:
        net = settled(config)
        image = 30 * torch.randn(1, 1, 32, 48, 48)
        with torch.no_grad():
            expected = net(image)
        folded = FoldedNet(net)
        with tempfile.TemporaryDirectory() as name:
            write(folded, calibrate(folded, [image]), about(True), tiny_training(), Path(name))
            found = run_onnx(Path(name), image, 0)
        for head in expected:
            cosine = (found[head] * expected[head]).sum(1)
            self.assertGreater(float(cosine.mean()), 0.98, head)


if __name__ == "__main__":
    unittest.main()
