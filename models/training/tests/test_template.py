"""The committed import templates are those of the exporter, and hold the published keys."""

import json
import tempfile
import unittest
from pathlib import Path

import onnx

from samepoint_training.template import ABOUT, write_template

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


class TemplateTest(unittest.TestCase):
    def test_committed_templates_are_current(self) -> None:
        for kind in ABOUT:
            with tempfile.TemporaryDirectory() as name:
                for file in write_template(kind, Path(name)):
                    committed = TEMPLATES / kind / file.name
                    if file.suffix == ".json":
                        self.assertEqual(json.loads(file.read_text()), json.loads(committed.read_text()), committed)
                    else:
                        self.assertEqual(onnx.load(str(file)), onnx.load(str(committed)), committed)

    def test_graphs_read_every_weight_of_theirs_and_no_other(self) -> None:
        for kind in ABOUT:
            layers = json.loads((TEMPLATES / kind / "template.json").read_text())["layers"]
            for graph in ("stem.onnx", "trunk.onnx", "heads.onnx"):
                model = onnx.load(str(TEMPLATES / kind / graph)).graph
                made = {name for node in model.node for name in node.output}
                known = made | {x.name for x in model.initializer} | {x.name for x in model.input} | {""}
                open_ends = {name for node in model.node for name in node.input} - known
                own = {
                    f"{layer['name']}.{part}"
                    for layer in layers
                    if layer["graph"] == graph
                    for part in ("weight", "bias")
                }
                self.assertEqual(open_ends, own, (kind, graph))


if __name__ == "__main__":
    unittest.main()
