"""Export and validation of a student, on a tiny network."""

import dataclasses
import json
import tempfile
import unittest
from pathlib import Path

import onnx
import torch

from samepoint_training.config import StudentConfig
from samepoint_training.export import write
from samepoint_training.folded import FoldedNet
from samepoint_training.network import HU_OFFSET, INPUT_SCALE, INPUT_SHIFT, EmbeddingNet
from samepoint_training.pairs import RegisteredPair, read_registrations
from samepoint_training.student_export import mr_intensity, write_student
from samepoint_training.student_validation import StudentValidator, cropped, shared_points
from tests.fixtures import TWO_PHASES, ramp_volume, tiny_training

ABOUT = {
    "id": "tiny",
    "title": "Tiny",
    "version": "1.0.0",
    "region": "any",
    "preference": 1,
    "weights": {"fine": 0.3, "coarse": 0.4, "semantic": 0.3},
}


class StudentExportTest(unittest.TestCase):
    def test_the_model_has_graphs_of_both_networks_by_modality(self) -> None:
        torch.manual_seed(1)
        teacher, net = EmbeddingNet(TWO_PHASES), EmbeddingNet(TWO_PHASES)
        with tempfile.TemporaryDirectory() as folder:
            first, second = Path(folder) / "teacher", Path(folder) / "student"
            write(FoldedNet(teacher), None, ABOUT, dataclasses.replace(tiny_training(), network=TWO_PHASES), first)
            files = write_student(FoldedNet(net), StudentConfig(teacher="x"), {**ABOUT, "id": "s"}, first, second, [])
            self.assertTrue(all(file.exists() for file in files))
            model = json.loads((second / "model.json").read_text())
            self.assertEqual((second / "stem.onnx").read_bytes(), (first / "stem.onnx").read_bytes())
            onnx.checker.check_model(onnx.load(str(second / "mr-trunk.onnx")))
        self.assertEqual(model["id"], "s")
        self.assertEqual([g["file"] for g in model["graphs"]][3:], ["mr-stem.onnx", "mr-trunk.onnx", "mr-heads.onnx"])
        self.assertEqual([g["modalities"] for g in model["graphs"]], [["CT"]] * 3 + [["MR"]] * 3)
        self.assertEqual(set(model["input"]["intensity"]), {"CT", "MR"})
        tensors = [sorted(o["tensor"] for o in g["outputs"].values()) for g in model["graphs"]]
        self.assertEqual(tensors[:3], tensors[3:])

    def test_percentiles_are_mapped_to_the_hu_interval_in_network_units(self) -> None:
        made = mr_intensity(StudentConfig(teacher="x", mr_window=(-600.0, 900.0)))
        self.assertAlmostEqual(made["offset"], (-600.0 + HU_OFFSET) * INPUT_SCALE + INPUT_SHIFT)
        self.assertAlmostEqual(made["offset"] + made["scale"], (900.0 + HU_OFFSET) * INPUT_SCALE + INPUT_SHIFT)


class StudentValidationTest(unittest.TestCase):
    def setUp(self) -> None:
        volume = ramp_volume()
        grid = [torch.arange(10.0, n, 8.0) for n in volume.extent()]
        body = torch.cartesian_prod(*grid)
        volume = dataclasses.replace(volume, body=body)
        self.pair = RegisteredPair(volume, volume, torch.eye(3), torch.tensor([4.0, 0.0, -2.0]), body)

    def test_every_limb_row_has_a_control_of_the_same_points(self) -> None:
        torch.manual_seed(1)
        net = EmbeddingNet(TWO_PHASES)
        rows = list(StudentValidator(net, net, (-600.0, 900.0)).limb_rows([self.pair]))
        self.assertEqual(
            [(r["data"], r["method"]) for r in rows[1:]], [("limb", "nearest"), ("limb", "centre-alignment")]
        )
        self.assertEqual(rows[0]["medianMm"], rows[1]["medianMm"])
        self.assertEqual(rows[1]["n"], rows[2]["n"])

    def test_points_lie_in_both_parts(self) -> None:
        rng = torch.Generator().manual_seed(1)
        image = torch.zeros(60, 44, 48)
        parts = [cropped(image, rng) for _ in range(2)]
        for part, low in parts:
            self.assertTrue(all(0.6 * n - 1 <= m <= n for m, n in zip(part.shape, image.shape, strict=True)))
            self.assertTrue((low <= 0.2 * torch.tensor(image.shape)).all())
        points = shared_points(self.pair, parts[0], parts[1], rng)
        for places, (part, low) in ((points, parts[0]), (points + self.pair.shift, parts[1])):
            index = places / 2 - low
            self.assertTrue(((index >= 1) & (index <= torch.tensor(part.shape) - 2)).all())


class RegistrationFileTest(unittest.TestCase):
    def test_the_committed_maps_are_rigid_and_each_rejection_has_a_reason(self) -> None:
        table = read_registrations(Path(__file__).resolve().parents[1] / "registrations" / "limb.json")
        self.assertEqual(len(table), 20)
        for entry in table.values():
            matrix = torch.tensor(entry["matrix"])
            torch.testing.assert_close(matrix @ matrix.t(), torch.eye(3), atol=1e-4, rtol=0)
            self.assertEqual(entry["accepted"], entry["reason"] == "")


if __name__ == "__main__":
    unittest.main()
