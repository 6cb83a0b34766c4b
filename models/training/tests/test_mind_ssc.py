"""The script that makes the descriptors models/mind-ssc: its graphs are the committed ones."""

import importlib.util
import json
import unittest
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx

FOLDER = Path(__file__).resolve().parents[2] / "mind-ssc"
SPEC = importlib.util.spec_from_file_location("mind_ssc_build", FOLDER / "build.py")
build = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(build)


class MindTest(unittest.TestCase):
    def test_committed_graphs_are_current(self) -> None:
        for file, make in ((build.FINE_FILE, build.build_fine), (build.COARSE_FILE, build.build_coarse)):
            self.assertEqual(make(), onnx.load(str(FOLDER / file)), file)

    def test_the_committed_manifest_is_that_of_the_committed_graphs(self) -> None:
        files = [(FOLDER / name).read_bytes() for name in (build.FINE_FILE, build.COARSE_FILE)]
        self.assertEqual(json.loads((FOLDER / "model.json").read_text()), build.manifest(*files))

    def test_twelve_pairs_of_neighbours_none_of_them_opposite(self) -> None:
        self.assertEqual(len(set(build.PAIRS)), 12)
        for a, b in build.PAIRS:
            self.assertNotEqual(np.add(build.NEIGHBOURS[a], build.NEIGHBOURS[b]).tolist(), [0, 0, 0])

    def test_the_angle_rises_with_the_intensity_over_the_window(self) -> None:
        self.assertEqual((build.THETA_HU[0], build.THETA_HU[-1]), (build.LOW_HU, build.HIGH_HU))
        self.assertEqual((build.THETA[0], build.THETA[-1]), (0.0, 1.0))
        self.assertTrue(all(low < high for low, high in pairwise(build.THETA)))

    def test_channels_are_those_of_the_outputs(self) -> None:
        for make, channels in ((build.build_fine, build.FINE_CHANNELS), (build.build_coarse, build.COARSE_CHANNELS)):
            shape = make().graph.output[0].type.tensor_type.shape.dim
            self.assertEqual(shape[1].dim_value, channels)


if __name__ == "__main__":
    unittest.main()
