"""Whole runs of a tiny model: interrupted and resumed, from the command line, with their tables and weights."""

import contextlib
import csv
import dataclasses
import io
import json
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import torch

from samepoint_training import checkpoint, train
from samepoint_training.checkpoint import append_row, averaged_network, drop_rows_after, read_rows, write_rows
from samepoint_training.config import TrainingConfig, as_json
from samepoint_training.errors import CheckpointError
from samepoint_training.pack import average, half, pack
from samepoint_training.train import FLOOR_RATE, Trainer, TrainingSet, learning_rate, organ_seed
from tests.fixtures import ramp_volume, tiny_training

NO_OUTPUT = contextlib.redirect_stdout(io.StringIO())


def training_set() -> TrainingSet:
    volume = ramp_volume(organs=True)
    other = dataclasses.replace(volume, name="other", body=volume.body[:1])
    return TrainingSet([volume, other], [volume], [], [])


def longer() -> TrainingConfig:
    """Four steps: two rows of the curve, with a row every other step."""
    base = tiny_training()
    schedule = dataclasses.replace(base.schedule, headneck_chance=0.25)
    return dataclasses.replace(base, schedule=schedule)


class Folder(unittest.TestCase):
    """Gives every test a folder, one thread and a file with the tiny configuration."""

    def setUp(self) -> None:
        torch.set_num_threads(1)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        every_other = mock.patch.object(train, "LOG_EVERY", 2)
        every_other.start()
        self.addCleanup(every_other.stop)
        self.config = self.folder / "tiny.json"
        self.config.write_text(json.dumps(as_json(tiny_training())))

    def command(self, *options: str) -> str:
        """Run the training command on the tiny volumes; returns what it prints."""
        out = io.StringIO()
        with (
            mock.patch.multiple(train, load_training_set=lambda *_: training_set(), data_root=lambda: self.folder),
            mock.patch("torch.cuda.is_available", return_value=False),
            contextlib.redirect_stdout(out),
        ):
            train.main(["--config", str(self.config), "--no-validation", *options])
        return out.getvalue()


class ResumeTest(Folder):
    def test_an_interrupted_run_ends_as_the_uninterrupted_one(self) -> None:
        whole, parts = Trainer(longer(), training_set(), "cpu"), Trainer(longer(), training_set(), "cpu")
        for name in ("whole", "parts"):
            (self.folder / name).mkdir()
        with NO_OUTPUT:
            train.run(whole, self.folder / "whole", None)
            # Ended after step 3, with the last checkpoint of step 2.
            for _ in range(2):
                parts.train_step()
            checkpoint.save(self.folder / "parts" / "last.pt", parts.state())
            parts.train_step()
            resumed = Trainer(longer(), training_set(), "cpu")
            resumed.restore(checkpoint.load(self.folder / "parts" / "last.pt"))
            self.assertEqual(resumed.step, 2)
            train.run(resumed, self.folder / "parts", None)
        for name in ("net", "ema"):
            for key, value in getattr(whole, name).state_dict().items():
                self.assertTrue(torch.equal(value, getattr(resumed, name).state_dict()[key]), f"{name} {key}")
        last = [read_rows(self.folder / name / "curve.csv")[1][-1] for name in ("whole", "parts")]
        for row in last:
            del row["seconds"]
        self.assertEqual(last[0], last[1])
        self.assertEqual(last[0]["step"], "4")

    def test_the_curve_has_the_means_since_the_last_row(self) -> None:
        trainer = Trainer(longer(), training_set(), "cpu")
        steps = []
        step = trainer.train_step
        with NO_OUTPUT, mock.patch.object(trainer, "train_step", lambda: steps.append(step()) or steps[-1]):
            train.run(trainer, self.folder, None)
        with (self.folder / "curve.csv").open() as stream:
            rows = list(csv.DictReader(stream))
        self.assertEqual([row["step"] for row in rows], ["2", "4"])
        fine = [row["fine"] for row in steps[2:] if "fine" in row]
        self.assertAlmostEqual(float(rows[1]["fine"]), sum(fine) / len(fine), places=3)

    def test_every_step_has_its_own_random_numbers(self) -> None:
        trainer = Trainer(longer(), training_set(), "cpu")
        first = torch.rand(3, generator=trainer.step_rng())
        self.assertTrue(torch.equal(first, torch.rand(3, generator=trainer.step_rng())))
        trainer.step = 1
        self.assertFalse(torch.equal(first, torch.rand(3, generator=trainer.step_rng())))

    def test_the_average_follows_the_weights(self) -> None:
        trainer = Trainer(longer(), training_set(), "cpu")
        key = "backbone.conv1.conv.weight"
        before = trainer.ema.state_dict()[key].clone()
        trainer.train_step()
        # At step 0 a tenth is kept.
        expected = 0.1 * before + 0.9 * trainer.net.state_dict()[key]
        self.assertTrue(torch.allclose(trainer.ema.state_dict()[key], expected, atol=1e-6))


class DrawTest(unittest.TestCase):
    def test_large_bodies_are_drawn_more_often(self) -> None:
        odds = training_set().torso_odds()
        self.assertTrue(torch.allclose(odds, torch.tensor([2.0, 1.0]).sqrt()))
        trainer = Trainer(longer(), training_set(), "cpu")
        rng = torch.Generator().manual_seed(1)
        drawn = [trainer.draw_volume(rng, organs=False).name for _ in range(400)]
        self.assertAlmostEqual(drawn.count("ramp") / 400, 2**0.5 / (1 + 2**0.5), delta=0.08)

    def test_organ_steps_draw_patients_with_organs(self) -> None:
        trainer = Trainer(longer(), training_set(), "cpu")
        self.assertIsNotNone(trainer.draw_volume(torch.Generator().manual_seed(1), organs=True).organs)

    def test_seven_of_ten_seeds_are_organ_centroids(self) -> None:
        volume, rng = ramp_volume(organs=True), torch.Generator().manual_seed(1)
        centres = [torch.tensor(centre) for _, centre in volume.landmarks]
        seeds = [organ_seed(volume, rng) for _ in range(300)]
        near = [seed for seed in seeds if seed is not None]
        self.assertAlmostEqual(len(near) / 300, 0.7, delta=0.1)
        self.assertTrue(all(any(torch.equal(seed, centre) for centre in centres) for seed in near))
        self.assertIsNone(organ_seed(ramp_volume(), rng))

    def test_a_restart_warms_up_again_and_the_rate_has_a_floor(self) -> None:
        schedule = dataclasses.replace(longer().schedule, steps=100, warmup=10, decay=50, learning_rate=2.0)
        self.assertAlmostEqual(learning_rate(40, schedule, 40), 0.2)
        self.assertAlmostEqual(learning_rate(49, schedule, 40), 2.0)
        self.assertAlmostEqual(learning_rate(75, schedule), 1.0)
        self.assertAlmostEqual(learning_rate(99, schedule), 2.0 * FLOOR_RATE)


class CommandTest(Folder):
    def test_a_run_is_resumed_from_its_folder(self) -> None:
        run = str(self.folder / "run")
        self.assertIn("tiny: step 0 of 2 on cpu", self.command("--run", run, "--until", "2"))
        self.assertIn("tiny: step 2 of 4 on cpu", self.command("--run", run))
        self.assertEqual(checkpoint.load(Path(run) / "last.pt")["step"], 4)

    def test_packed_weights_start_a_run_at_their_step(self) -> None:
        run, packed = self.folder / "run", self.folder / "packed.pt"
        self.command("--run", str(run), "--until", "2")
        pack([run / "last.pt"], packed)
        out = self.command("--run", str(self.folder / "other"), "--start", str(packed), "--until", "3")
        self.assertIn("tiny: step 2 of 3", out)

    def test_weights_of_another_model_start_a_run_at_step_0(self) -> None:
        run, packed = self.folder / "run", self.folder / "packed.pt"
        self.command("--run", str(run), "--until", "2")
        pack([run / "last.pt"], packed)
        out = self.command("--run", str(self.folder / "other"), "--transfer", str(packed), "--until", "1")
        count = len(checkpoint.load(packed)["ema"])
        self.assertIn(f"{count} tensors of {packed}", out)
        self.assertIn("tiny: step 0 of 1", out)

    def test_another_network_does_not_resume(self) -> None:
        run = str(self.folder / "run")
        self.command("--run", run, "--until", "1")
        changed = as_json(tiny_training())
        changed["network"]["embedding"] = 16
        self.config.write_text(json.dumps(changed))
        with self.assertRaises(SystemExit) as ended:
            self.command("--run", run)
        self.assertIn("network.embedding is 8, the configuration has 16", str(ended.exception.code))

    def test_the_default_folder_is_in_the_current_one(self) -> None:
        with contextlib.chdir(self.folder):
            self.command("--until", "1")
        self.assertTrue((self.folder / "runs" / "tiny" / "last.pt").exists())


class TableTest(Folder):
    def test_rows_of_a_repeated_part_are_removed(self) -> None:
        path = self.folder / "a.csv"
        write_rows(path, ["step", "a"], [{"step": step, "a": step * 2} for step in (5, 10, 15)])
        drop_rows_after(path, 10)
        self.assertEqual(read_rows(path), (["step", "a"], [{"step": "5", "a": "10"}, {"step": "10", "a": "20"}]))

    def test_a_missing_table_is_empty_and_stays_missing(self) -> None:
        path = self.folder / "a.csv"
        drop_rows_after(path, 10)
        self.assertEqual(read_rows(path), ([], []))
        self.assertFalse(path.exists())

    def test_a_row_may_lack_a_column(self) -> None:
        path = self.folder / "a.csv"
        append_row(path, {"step": 1, "a": 2})
        append_row(path, {"step": 3})
        self.assertEqual(path.read_text().splitlines(), ["step,a", "1,2", "3,"])


class CheckpointTest(Folder):
    def test_a_failed_write_leaves_the_previous_file(self) -> None:
        path = self.folder / "last.pt"
        trainer = Trainer(tiny_training(), training_set(), "cpu")
        checkpoint.save(path, trainer.state())
        before = path.read_bytes()
        with (
            mock.patch("torch.save", side_effect=OSError("disk full")),
            self.assertRaisesRegex(OSError, "disk full"),
        ):
            checkpoint.save(path, trainer.state())
        self.assertEqual(path.read_bytes(), before)

    def test_a_checkpoint_returns_what_was_saved(self) -> None:
        path = self.folder / "last.pt"
        trainer = Trainer(tiny_training(), training_set(), "cpu")
        trainer.train_step()
        state = trainer.state()
        checkpoint.save(path, state)
        parts = checkpoint.load(path)
        self.assertEqual((parts["step"], parts["config"], parts["cold_since"]), (1, state["config"], 0))
        for key, value in state["net"].items():
            self.assertTrue(torch.equal(parts["net"][key], value), key)
        # As JSON, where the tuple `betas` is a list.
        groups = json.loads(json.dumps(state["optimizer"]["param_groups"]))
        self.assertEqual(parts["optimizer"]["param_groups"], groups)

    def test_the_averaged_network_is_in_eval_mode_with_its_stage(self) -> None:
        path = self.folder / "last.pt"
        trainer = Trainer(tiny_training(), training_set(), "cpu")
        trainer.train_step()
        checkpoint.save(path, trainer.state())
        net, config = averaged_network(path)
        self.assertFalse(net.training)
        self.assertEqual(config, trainer.config)
        for key, value in trainer.ema.state_dict().items():
            self.assertTrue(torch.equal(net.state_dict()[key], value), key)


class PackTest(unittest.TestCase):
    def test_floats_are_averaged_and_counters_are_of_the_last(self) -> None:
        states = [
            {"w": torch.tensor([1.0, 3.0]), "n": torch.tensor(5)},
            {"w": torch.tensor([3.0, 5.0]), "n": torch.tensor(9)},
        ]
        mean = average(states)
        self.assertEqual((mean["w"].tolist(), int(mean["n"])), ([2.0, 4.0], 9))

    def test_other_keys_are_refused(self) -> None:
        with self.assertRaisesRegex(CheckpointError, "different keys"):
            average([{"a": torch.zeros(1)}, {"b": torch.zeros(1)}])

    def test_only_floats_are_halved(self) -> None:
        small = half({"w": torch.tensor([0.5]), "n": torch.tensor(7)})
        self.assertEqual((small["w"].dtype, small["n"].dtype), (torch.float16, torch.int64))


if __name__ == "__main__":
    unittest.main()
