"""From public data sets to a model of the server, for each kind: convert, train, resume, validate, pack, export."""

import contextlib
import dataclasses
import io
import json
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import nibabel
import numpy as np
import torch

from samepoint_training import convert, export, pack, train, validate
from samepoint_training.checkpoint import averaged_network, load, read_rows
from samepoint_training.config import (
    AugmentConfig,
    DataConfig,
    LossConfig,
    ScheduleConfig,
    TrainingConfig,
    as_json,
    load_config,
)
from samepoint_training.data import read_ct, split
from samepoint_training.errors import DataError
from samepoint_training.network import sam_config
from samepoint_training.train import load_training_set
from tests.test_export import REPOSITORY, TOLERANCE, needs_onnxruntime, run_onnx

PACKAGE = Path(__file__).resolve().parents[1]
SIZE = (56, 64, 60)
"""z, y, x of a made-up volume of 2 mm voxels."""
RAS = np.diag([2.0, 2.0, 2.0, 1.0])
KINDS = {"sam": "SAM", "uae-s": "UAE-S", "uae-m": "UAE-M"}


def made_up(seed: int) -> np.ndarray:
    """A body in air, HU (z, y, x): an ellipsoid with smooth texture."""
    rng = np.random.default_rng(seed)
    z, y, x = np.meshgrid(*[np.linspace(-1, 1, n) for n in SIZE], indexing="ij")
    texture = sum(np.sin(rng.uniform(2, 9) * a + rng.uniform(0, 6)) for a in (x, y, z, x + y, y - z))
    inside = (z / 1.2) ** 2 + (y / 0.9) ** 2 + (x / 0.9) ** 2 < 1
    return np.where(inside, 40 + 60 * texture, -1000).astype(np.int16)


def write(path: Path, array: np.ndarray) -> None:
    """Write (z, y, x) with axes L, P, S as a file whose axes are R, A, S."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(array.transpose(2, 1, 0)[::-1, ::-1], RAS), str(path))


def organs() -> dict[str, np.ndarray]:
    """Two organs (z, y, x)."""
    boxes = {
        "liver": (slice(20, 34), slice(24, 40), slice(16, 28)),
        "aorta": (slice(20, 40), slice(30, 36), slice(34, 40)),
    }
    out = {}
    for name, box in boxes.items():
        out[name] = np.zeros(SIZE, np.uint8)
        out[name][box] = 1
    return out


def printed(main, *options: str) -> str:  # noqa: ANN001
    """Run a command; returns what it prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main([str(option) for option in options])
    return out.getvalue()


class FolderTest(unittest.TestCase):
    """Gives every test a folder and one thread."""

    def setUp(self) -> None:
        torch.set_num_threads(1)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.source, self.data = self.folder / "source", self.folder / "data"
        self.source.mkdir()


class ConvertTest(FolderTest):
    def convert(self, layout: str) -> str:
        return printed(convert.main, "--layout", layout, "--source", self.source, "--out", self.data)

    def refused(self, layout: str) -> str:
        with self.assertRaises(SystemExit) as ended:
            self.convert(layout)
        return str(ended.exception.code)

    def test_lymph_nodes_are_turned_to_lps(self) -> None:
        volume = made_up(1)
        write(self.source / "ABD_LYMPH_001.nii.gz", volume)
        write(self.source / "MED_LYMPH_001" / "series.nii", volume)
        self.assertIn("2 volumes of nih-lymph-node", self.convert("nih-lymph-node"))
        training, held = split("torso", self.data)
        self.assertEqual(
            ([f.name for f in training], [f.name for f in held]), (["ABD_LYMPH_001.nii.gz"], ["MED_LYMPH_001.nii.gz"])
        )
        turned = nibabel.load(str(training[0]))
        self.assertEqual(nibabel.aff2axcodes(turned.affine), ("L", "P", "S"))
        self.assertTrue(np.array_equal(np.asarray(turned.dataobj).transpose(2, 1, 0), volume))
        # The place of voxel 0 is that of the last voxel along x and y before.
        self.assertEqual(turned.affine[:3, 3].tolist(), [2 * (SIZE[2] - 1), 2 * (SIZE[1] - 1), 0])

    def test_every_tenth_is_held_out(self) -> None:
        for n in range(20):
            write(self.source / f"p{n:02d}.nii.gz", np.zeros((2, 2, 2), np.int16))
        self.convert("nih-lymph-node")
        self.assertEqual([f.name for f in split("torso", self.data)[1]], ["p09.nii.gz", "p19.nii.gz"])

    def test_organs_are_merged_and_named(self) -> None:
        for name in ("s0001", "s0002"):
            write(self.source / name / "ct.nii.gz", made_up(1))
            for organ, mask in organs().items():
                write(self.source / name / "segmentations" / f"{organ}.nii.gz", mask)
        self.convert("totalsegmentator")
        codes = json.loads((self.data / "headneck" / "labels.json").read_text())
        self.assertEqual(codes, {"aorta": 101, "liver": 102})
        volume = read_ct(split("headneck", self.data)[0][0], with_organs=True)
        found = {int(code): int((volume.organs == code).sum()) for code in (101, 102)}
        self.assertEqual(found, {101: 20 * 6 * 6, 102: 14 * 16 * 12})
        # No landmarks at their ends: the codes are none of the compact organs of OpenKBP.
        self.assertEqual(volume.anchors, {})

    def test_what_does_not_fit_is_named(self) -> None:
        self.assertIn("no volumes; the layout ct-mr is PATIENT/ct.nii.gz", self.refused("ct-mr"))
        write(self.source / "s1" / "ct.nii.gz", made_up(1))
        self.assertRegex(self.refused("totalsegmentator"), "s1/segmentations: missing")
        write(self.source / "s1" / "segmentations" / "liver.nii.gz", np.zeros((2, 2, 2), np.uint8))
        self.assertIn("the mask has the size (2, 2, 2)", self.refused("totalsegmentator"))
        self.assertRegex(self.refused("ct-mr"), "mr.nii.gz: unreadable NIfTI")
        (self.source / "s2").mkdir()
        (self.source / "s2" / "1.dcm").write_text("")
        self.assertIn("dcm2niix", self.refused("nih-lymph-node"))


def small(kind: str) -> TrainingConfig:
    """The published topology at width 4; steps of a second together."""
    semantic = kind != "SAM"
    mr = kind == "UAE-M"
    return TrainingConfig(
        name=kind.lower(),
        kind=kind,
        network=sam_config(4, 8, semantic=semantic),
        data=DataConfig(limb_share=0, ct_mr=mr),
        augment=AugmentConfig(patch=(24, 32, 32), offset_mm=6.0, elastic_mm=3.0, aggressive=mr),
        loss=LossConfig(anchors=16, negatives=64, hard=0, near=4),
        schedule=ScheduleConfig(
            steps=4, warmup=1, decay=1, threads=1, headneck_chance=0.5 if kind == "UAE-S" else 0, ct_mr_chance=float(mr)
        ),
    )


class LoopTest(FolderTest):
    """The commands in order, on two made-up volumes per data set."""

    def data_sets(self) -> None:
        for n in (1, 2):
            volume = made_up(n)
            write(self.source / "nih" / f"p{n}.nii.gz", volume)
            write(self.source / "pairs" / f"p{n}" / "ct.nii.gz", volume)
            write(self.source / "pairs" / f"p{n}" / "mr.nii.gz", np.where(volume > -500, 300 - volume, 0))
            write(self.source / "total" / f"s{n}" / "ct.nii.gz", volume)
            for organ, mask in organs().items():
                write(self.source / "total" / f"s{n}" / "segmentations" / f"{organ}.nii.gz", mask)
        for folder, layout in (("nih", "nih-lymph-node"), ("total", "totalsegmentator"), ("pairs", "ct-mr")):
            printed(convert.main, "--layout", layout, "--source", self.source / folder, "--out", self.data)
        environment = mock.patch.dict(os.environ, {"SAMEPOINT_DATA": str(self.data)})
        environment.start()
        self.addCleanup(environment.stop)

    def trained(self, kind: str) -> Path:
        """Train, interrupt after two steps, resume, pack; returns the packed weights."""
        config, run = self.folder / f"{kind}.json", self.folder / f"run-{kind}"
        config.write_text(json.dumps(as_json(small(KINDS[kind]))))
        with mock.patch.object(train, "LOG_EVERY", 2), mock.patch("torch.cuda.is_available", return_value=False):
            options = ("--config", config, "--run", run)
            self.assertIn("step 0 of 2", printed(train.main, *options, "--until", "2"))
            self.assertIn("step 2 of 4", printed(train.main, *options))
        self.assertEqual([row["step"] for row in read_rows(run / "curve.csv")[1]], ["2", "4"])
        cases = {(row["step"], row["case"]) for row in read_rows(run / "validation.csv")[1]}
        wanted = {"mr to ct"} if kind == "uae-m" else {"easy", "strong", "crop", "thick"}
        self.assertEqual(cases, {(step, case) for step in ("2", "4") for case in wanted})
        packed = self.folder / f"{kind}.pt"
        printed(pack.main, "--checkpoint", run / "last.pt", "--out", packed)
        weights = load(packed)["ema"].values()
        self.assertEqual({v.dtype for v in weights}, {torch.float16, torch.int64})
        self.assertTrue(all(v.is_contiguous() for v in weights))
        self.assertIn("median", printed(validate.main, "--checkpoint", packed, "--threads", "1"))
        return packed

    def test_each_kind_is_trained_resumed_validated_and_exported(self) -> None:
        needs_onnxruntime(self)
        self.data_sets()
        for kind in KINDS:
            with self.subTest(kind=kind):
                packed = self.trained(kind)
                about = PACKAGE / "manifests" / f"{kind}.json"
                for form in ("fp32", "int8"):
                    out = self.folder / form / kind
                    options = ["--fp32"] if form == "fp32" else []
                    printed(export.main, "--checkpoint", packed, "--about", about, "--out", out, *options)
                    self.compare(packed, out, kind, form)

    def compare(self, packed: Path, folder: Path, kind: str, form: str) -> None:
        """The exported graphs give the vectors of the packed network."""
        manifest = json.loads((folder / "model.json").read_text())
        self.assertEqual((manifest["id"], manifest["kind"]), (kind, kind))
        self.assertEqual("MR" in manifest["input"]["intensity"], kind == "uae-m")
        net, _ = averaged_network(packed)
        ct = read_ct(sorted((self.data / "limb").glob("*_ct.nii.gz"))[0])
        image = export.normalise_hu(ct.image[:32, :48, :48] - export.HU_OFFSET)[None, None]
        with torch.no_grad():
            expected = net(image)
        found = run_onnx(folder, image, 0)
        self.assertEqual(set(found), {"fine", "coarse", *(["semantic"] if kind == "uae-s" else [])})
        for head, rows in found.items():
            if form == "fp32":
                self.assertLess(float((rows - expected[head]).abs().max()), TOLERANCE, head)
            else:
                self.assertGreater(float((rows * expected[head]).sum(1).mean()), 0.98, head)

    def test_a_folder_without_volumes_is_named(self) -> None:
        self.data.mkdir()
        for kind, folder in (("SAM", "torso"), ("UAE-M", "limb")):
            with self.assertRaisesRegex(DataError, f"{folder}: no training volumes"):
                load_training_set(self.data, small(kind))


class PublishedConfigurationTest(unittest.TestCase):
    def test_each_kind_has_a_configuration_and_a_description_of_the_published_network(self) -> None:
        for kind, name in KINDS.items():
            config = load_config(PACKAGE / "configs" / f"{kind}.json")
            self.assertEqual(config.kind, name)
            self.assertEqual(config.network, sam_config(semantic=kind != "sam"))
            about = export.read_about(PACKAGE / "manifests" / f"{kind}.json")
            template = json.loads((REPOSITORY / "models" / "templates" / kind / "template.json").read_text())
            self.assertEqual(about["weights"], template["manifest"]["matching"]["weights"])
            self.assertEqual(dataclasses.asdict(config.data)["ct_window"], (-1024.0, 3071.0))


if __name__ == "__main__":
    unittest.main()
