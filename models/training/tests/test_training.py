"""Configuration, splits, resume."""

import dataclasses
import tempfile
import unittest
from pathlib import Path
from typing import Optional

import torch

from samepoint_training import checkpoint
from samepoint_training.config import Stage, TrainingConfig, as_json, load_config, parse_config
from samepoint_training.data import data_root, read_ct, split
from samepoint_training.errors import CheckpointError, ConfigError, DataError
from samepoint_training.pack import pack
from samepoint_training.pairs import read_ct_mr
from samepoint_training.train import Trainer, TrainingSet, learning_rate
from tests.fixtures import ramp_volume, tiny_training

CONFIGS = Path(__file__).resolve().parents[1] / "configs"


def trainer(config: Optional[TrainingConfig] = None) -> Trainer:
    volume = ramp_volume(organs=True)
    return Trainer(config or tiny_training(), TrainingSet([volume], [volume], [volume], [(volume, volume)]), "cpu")


class ConfigTest(unittest.TestCase):
    def test_committed_configurations_load_and_round_trip(self) -> None:
        files = sorted(CONFIGS.glob("*.json"))
        self.assertTrue(files)
        for file in files:
            config = load_config(file)
            self.assertEqual(config.name, file.stem)
            self.assertEqual(parse_config(as_json(config)), config)

    def test_bad_keys_are_named(self) -> None:
        for raw, word in (
            ({"name": "x", "sped": 1}, "sped"),
            ({"name": "x", "network": {"width": 3}}, "width"),
            ({"name": "x", "kind": "SAM2"}, "SAM2"),
            ([], "list"),
        ):
            with self.assertRaisesRegex(ConfigError, word):
                parse_config(raw)

    def test_stages_apply_from_their_step_on_top_of_each_other(self) -> None:
        config = parse_config({"name": "x", "kind": "SAM", "curriculum": [
            {"from_step": 10, "schedule": {"headneck_chance": 0.5}, "augment": {"elastic_mm": 12}},
            {"from_step": 20, "augment": {"torso_patch": [8, 16, 16]}},
        ]})
        seen = [config.at(step) for step in (9, 10, 19, 20)]
        self.assertEqual([c.schedule.headneck_chance for c in seen], [0.25, 0.5, 0.5, 0.5])
        self.assertEqual([c.augment.elastic_mm for c in seen], [9.0, 12, 12, 12])
        self.assertEqual([c.augment.torso_patch for c in seen], [None, None, None, (8, 16, 16)])

    def test_bad_stages_are_named(self) -> None:
        for stages, word in (
            ([{"from_step": 5, "network": {}}], "curriculum.0.*network"),
            ([{"from_step": 5, "loss": {"anchers": 1}}], "step 5, loss.*anchers"),
            ([{"from_step": 5}, {"from_step": 5}], "rise"),
            ({"from_step": 5}, "list"),
        ):
            with self.assertRaisesRegex(ConfigError, word):
                parse_config({"name": "x", "kind": "SAM", "curriculum": stages})

    def test_rate_warms_up_stays_and_falls(self) -> None:
        schedule = parse_config(
            {"name": "x", "kind": "SAM", "schedule": {"steps": 100, "warmup": 10, "decay": 20, "learning_rate": 1.0}}
        ).schedule
        rates = [learning_rate(s, schedule) for s in (0, 9, 50, 90, 99)]
        for rate, expected in zip(rates, (0.1, 1.0, 1.0, 0.5, 0.05)):
            self.assertAlmostEqual(rate, expected)


class CurriculumTest(unittest.TestCase):
    def test_one_patients_views_take_the_patch_of_the_stage(self) -> None:
        base = tiny_training()
        large = Stage(from_step=1, augment={"torso_patch": (32, 40, 40)}, schedule={"headneck_chance": 0.0})
        run = trainer(dataclasses.replace(base, curriculum=(large,)))
        sizes = set()
        for run.step in (1, 2, 3):
            _, pairs, organs = run.batch(run.step_rng())
            sizes.add((organs, tuple(pairs[0][0].image.shape[2:])))
        self.assertEqual(sizes, {(False, (32, 40, 40))})


class ResumeTest(unittest.TestCase):
    def test_resumed_run_takes_the_identical_next_step(self) -> None:
        torch.set_num_threads(1)
        first = trainer()
        first.train_step()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "last.pt"
            checkpoint.save(path, first.state())
            second = trainer()
            second.restore(checkpoint.load(path))
        self.assertEqual(first.train_step(), second.train_step())
        for a, b in zip(first.ema.state_dict().values(), second.ema.state_dict().values()):
            self.assertTrue(torch.equal(a, b))

    def test_packed_weights_go_on_at_their_step_with_a_warm_up(self) -> None:
        first, second = trainer(), trainer()
        first.train_step()
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / name for name in ("last.pt", "packed.pt")]
            checkpoint.save(paths[0], first.state())
            pack(paths[:1], paths[1])
            second.start_from(checkpoint.load(paths[1]))
        self.assertEqual((second.step, second.cold_since), (1, 1))
        schedule = second.config.schedule
        self.assertEqual(learning_rate(1, schedule, 1), learning_rate(0, schedule))
        key = "backbone.conv1.conv.weight"
        self.assertTrue(torch.equal(second.net.state_dict()[key], second.ema.state_dict()[key]))

    def test_another_models_weights_begin_a_run_where_they_fit(self) -> None:
        first, second = trainer(), trainer()
        first.train_step()
        foreign = {**first.state(), "ema": {**first.ema.state_dict(), "neck.fpn_convs.0.conv.bias": torch.zeros(3)}}
        count = second.transfer(foreign)
        self.assertEqual(count, len(first.ema.state_dict()) - 1)
        self.assertEqual(second.step, 0)
        with self.assertRaisesRegex(CheckpointError, "no weight"):
            second.transfer({**foreign, "ema": {}})

    def test_packed_weights_are_the_mean_and_load_again(self) -> None:
        first, second = trainer(), trainer()
        second.train_step()
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / name for name in ("a.pt", "b.pt", "packed.pt")]
            checkpoint.save(paths[0], first.state())
            checkpoint.save(paths[1], second.state())
            pack(paths[:2], paths[2])
            net, config = checkpoint.averaged_network(paths[2])
        self.assertEqual(config.network, first.config.network)
        key = "neck.fpn_convs.0.conv.weight"
        mean = (first.ema.state_dict()[key] + second.ema.state_dict()[key]) / 2
        self.assertLess(float((net.state_dict()[key] - mean).abs().max()), 1e-3)

    def test_foreign_and_partial_checkpoints_are_refused(self) -> None:
        state = trainer().state()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "last.pt"
            torch.save({"net": state["net"]}, path)
            with self.assertRaisesRegex(CheckpointError, "meta"):
                checkpoint.load(path)
            with self.assertRaisesRegex(CheckpointError, "ema"):
                checkpoint.save(path, {k: v for k, v in state.items() if k != "ema"})
            path.write_bytes(b"no checkpoint")
            with self.assertRaises(CheckpointError):
                checkpoint.load(path)
        state["config"]["network"]["embedding"] = 9
        with self.assertRaisesRegex(CheckpointError, "embedding"):
            checkpoint.check_network(Path("x"), state, tiny_training())

    def test_rows_after_the_checkpoint_are_dropped(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "curve.csv"
            for step in (10, 20, 30):
                checkpoint.append_row(path, {"step": step, "total": 1.0})
            checkpoint.drop_rows_after(path, 20)
            checkpoint.append_row(path, {"step": 30, "total": 1.0, "dense": 2.0})
            lines = path.read_text().split()
            self.assertEqual(lines, ["step,total,dense", "10,1.0,", "20,1.0,", "30,1.0,2.0"])


class SplitTest(unittest.TestCase):
    def setUp(self) -> None:
        try:
            self.root = data_root()
        except DataError:
            self.skipTest("skipped: no data")

    def test_splits_are_disjoint_and_sized_as_the_readme_says(self) -> None:
        for folder, total, held in (("torso", 12, 2), ("headneck", 237, 23), ("limb", 20, 4)):
            train, validation = split(folder, self.root)
            self.assertEqual((len(train) + len(validation), len(validation)), (total, held))
            self.assertFalse(set(train) & set(validation))

    def test_benchmark_folders_are_refused(self) -> None:
        for folder in ("dicom", "organs"):
            with self.assertRaises(DataError):
                split(folder, self.root)

    def test_ct_and_mr_share_a_frame(self) -> None:
        ct, mr = read_ct_mr(split("limb", self.root)[1][0], (-1024.0, 3071.0))
        self.assertEqual(ct.image.shape, mr.image.shape)
        self.assertLessEqual(float(mr.image.max()), 4095.5)
        inside = mr.image > 300.0
        self.assertGreater(float((ct.image[inside] > 600.0).float().mean()), 0.9)

    def test_a_patient_is_read_with_organs_in_frame(self) -> None:
        volume = read_ct(split("headneck", self.root)[1][0], with_organs=True)
        self.assertEqual(volume.organs.shape, volume.image.shape)
        self.assertGreaterEqual(float(volume.image.min()), 0.0)
        self.assertTrue(bool((volume.body <= volume.extent() + 16).all()))


if __name__ == "__main__":
    unittest.main()
