"""Configuration, splits, resume."""

import dataclasses
import json
import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

import torch

from samepoint_training import checkpoint, train
from samepoint_training.config import (
    STAGED_SCHEDULE,
    DataConfig,
    ScheduleConfig,
    Stage,
    TrainingConfig,
    as_json,
    load_config,
    parse_config,
)
from samepoint_training.data import data_root, read_ct, split
from samepoint_training.errors import CheckpointError, ConfigError, DataError
from samepoint_training.network import EmbeddingNet, normalise_hu, sam_config
from samepoint_training.pack import pack
from samepoint_training.pairs import read_ct_mr
from samepoint_training.train import Trainer, TrainingSet, learning_rate, load_training_set
from tests.fixtures import ramp_volume, tiny_training
from tests.test_network import published

CONFIGS = Path(__file__).resolve().parents[1] / "configs"


def trainer(config: TrainingConfig | None = None) -> Trainer:
    volume = ramp_volume(organs=True)
    return Trainer(config or tiny_training(), TrainingSet([volume], [volume], [volume], [(volume, volume)]), "cpu")


def config_of(**sections: Any) -> TrainingConfig:
    """A SAM configuration with some sections given."""
    return parse_config({"name": "x", "kind": "SAM", **sections})


def stages(*changes: dict[str, Any]) -> list[dict[str, Any]]:
    """A curriculum with stages from steps 5, 10, ..."""
    return [{"from_step": 5 * (i + 1), **change} for i, change in enumerate(changes)]


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
        config = parse_config(
            {
                "name": "x",
                "kind": "SAM",
                "curriculum": [
                    {"from_step": 10, "schedule": {"headneck_chance": 0.5}, "augment": {"elastic_mm": 12}},
                    {"from_step": 20, "augment": {"torso_patch": [8, 16, 16]}},
                ],
            }
        )
        seen = [config.at(step) for step in (9, 10, 19, 20)]
        self.assertEqual([c.schedule.headneck_chance for c in seen], [0.25, 0.5, 0.5, 0.5])
        self.assertEqual([c.augment.elastic_mm for c in seen], [9.0, 12, 12, 12])
        self.assertEqual([c.augment.torso_patch for c in seen], [None, None, None, (8, 16, 16)])

    def test_bad_stages_are_named(self) -> None:
        for stages, word in (
            ([{"from_step": 5, "data": {}}], "curriculum.0.*data"),
            ([{"from_step": 5, "loss": {"anchers": 1}}], "step 5, loss.*anchers"),
            ([{"from_step": 5, "schedule": {"sped": 1}}], "step 5, schedule.*unknown.*sped"),
            ([{"from_step": 5, "schedule": 3}], "curriculum.0.*schedule must be an object, got 3"),
            ([{"from_step": 5, "augment": {"spacing_mm": 4}}], "step 5: augment.spacing_mm"),
            ([{"from_step": 5, "schedule": {"ct_mr_chance": 0.5}}], "step 5.*data.ct_mr"),
            ([{"from_step": 5, "network": {"embedding": 64}}], "step 5, network.*embedding"),
            ([{"from_step": 5, "network": {"phases": 3}}], "phases"),
            ([{"from_step": 5}, {"from_step": 5}], "rise"),
            ({"from_step": 5}, "list"),
        ):
            with self.assertRaisesRegex(ConfigError, word):
                parse_config({"name": "x", "kind": "SAM", "curriculum": stages})

    def test_a_stage_may_change_only_the_schedule_that_training_takes_per_stage(self) -> None:
        names = [f.name for f in dataclasses.fields(ScheduleConfig)]
        for name in set(names) - STAGED_SCHEDULE:
            with self.assertRaisesRegex(ConfigError, f"step 10, schedule: '{name}'"):
                config_of(curriculum=stages({}, {"schedule": {name: 1}}))
        for name in STAGED_SCHEDULE - {"ct_mr_chance"}:
            config = config_of(curriculum=stages({"schedule": {name: 1}}))
            self.assertEqual(getattr(config.at(5).schedule, name), 1)

    def test_a_grid_that_validation_and_export_do_not_know_is_refused(self) -> None:
        for sections, word in (
            ({"augment": {"spacing_mm": 4.0}}, "spacing_mm must be 2.0, got 4.0"),
            ({"network": {"stem_stride": [2, 1, 1]}}, r"must be \[2, 2, 2\], got \[4, 2, 2\]"),
            ({"network": {"pool": [1, 1, 1]}}, r"got \[1, 2, 2\]"),
            ({"network": {"pool": [2, 2, 1], "strides": [[1, 1, 2], [1, 2, 2], [1, 2, 2], [2, 2, 2]]}}, "pool"),
        ):
            with self.assertRaisesRegex(ConfigError, word):
                config_of(**sections)

    def test_sam_is_the_published_network(self) -> None:
        config = load_config(CONFIGS / "sam.json")
        self.assertEqual((config.kind, config.network), ("SAM", sam_config()))
        own = {key: tuple(value.shape) for key, value in EmbeddingNet(config.network).state_dict().items()}
        self.assertEqual(own, {k: v for k, v in published().items() if not k.startswith("semantic_head.")})

    def test_rate_warms_up_stays_and_falls(self) -> None:
        schedule = parse_config(
            {"name": "x", "kind": "SAM", "schedule": {"steps": 100, "warmup": 10, "decay": 20, "learning_rate": 1.0}}
        ).schedule
        rates = [learning_rate(s, schedule) for s in (0, 9, 50, 90, 99)]
        for rate, expected in zip(rates, (0.1, 1.0, 1.0, 0.5, 0.05), strict=True):
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

    def test_clipping_and_averaging_follow_the_stage(self) -> None:
        still = Stage(from_step=1, schedule={"ema": 0.0, "clip_norm": 3.0})
        run = trainer(dataclasses.replace(tiny_training(), curriculum=(still,)))
        with mock.patch("torch.nn.utils.clip_grad_norm_") as clip:
            for _ in range(2):
                run.train_step()
        self.assertEqual([call.args[1] for call in clip.call_args_list], [2.0, 3.0])
        for a, b in zip(run.ema.state_dict().values(), run.net.state_dict().values(), strict=True):
            self.assertTrue(torch.equal(a, b))

    def test_headneck_patients_are_read_if_any_stage_shows_them(self) -> None:
        later = stages({"schedule": {"headneck_chance": 0.5}})
        for curriculum, count in ((later, 2), ([], 0)):
            config = config_of(schedule={"headneck_chance": 0}, data={"limb_share": 0}, curriculum=curriculum)
            with mock.patch.multiple(
                train, split=lambda *_: ([Path("a"), Path("b")], []), read_ct=lambda *_, **__: ramp_volume()
            ):
                data = load_training_set(Path(), config)
            self.assertEqual((len(data.torso), len(data.headneck)), (2, count))


class CtMrTest(unittest.TestCase):
    def test_a_step_shows_the_mr_and_the_ct_or_the_mr_of_one_patient(self) -> None:
        plain = {"noise_hu": 0.0, "curve_chance": 0.0, "blur_voxels": 0.0, "thick_chance": 0.0, "crop_chance": 0.0}
        base = tiny_training()
        config = dataclasses.replace(
            base,
            data=DataConfig(ct_mr=True),
            augment=dataclasses.replace(base.augment, **plain),
            schedule=dataclasses.replace(base.schedule, ct_mr_chance=1.0),
        )
        ct = ramp_volume()
        mr = dataclasses.replace(ct, name="mr", image=ct.image + 2000.0)
        run = Trainer(config, TrainingSet([ct], [], [], [(ct, mr)]), "cpu")
        images: list[torch.Tensor] = []
        run.net.backbone.register_forward_pre_hook(lambda _, inputs: images.append(inputs[0]))
        with mock.patch("samepoint_training.train.organ_loss") as organs:
            losses = [run.train_step() for _ in range(8)]
        organs.assert_not_called()
        brightest_ct = float(normalise_hu(ct.image.max() - 1024.0))
        shows_mr = [tuple(bool(view.max() > brightest_ct + 1.0) for view in image) for image in images]
        self.assertEqual(set(shows_mr), {(True, False), (True, True)})
        self.assertTrue(all(loss["fine"] > 0 for loss in losses))


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
        for a, b in zip(first.ema.state_dict().values(), second.ema.state_dict().values(), strict=True):
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

    def test_a_resume_within_the_warm_up_goes_on_with_it(self) -> None:
        first, second = trainer(), trainer()
        first.train_step()
        first.start_from(first.state())
        first.train_step()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "last.pt"
            checkpoint.save(path, first.state())
            second.restore(checkpoint.load(path))
        self.assertEqual((second.step, second.cold_since), (2, 1))

    def test_checkpoints_that_do_not_know_the_cold_step_load(self) -> None:
        first, second = trainer(), trainer()
        first.train_step()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "last.pt"
            checkpoint.save(path, first.state())
            stored = torch.load(path, weights_only=True)
            meta = json.loads(stored["meta"])
            del meta["cold_since"]
            torch.save({**stored, "meta": json.dumps(meta)}, path)
            second.restore(checkpoint.load(path))
        self.assertEqual((second.step, second.cold_since), (1, 0))

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
