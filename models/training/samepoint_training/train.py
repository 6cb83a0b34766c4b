"""Training of a model.

    samepoint-train --config configs/NAME.json [--until STEP --decay STEPS]

Resumes from runs/NAME/last.pt if it exists. The random numbers of a step depend on the seed and the step only, so
that a resumed run gives the same result as an uninterrupted one.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from . import checkpoint
from .augment import View, random_pair, stack_images
from .config import ScheduleConfig, TrainingConfig, as_json, load_config
from .data import Volume, data_root, organ_points, read_ct, rescaled, split
from .errors import CheckpointError, DataError, command
from .features import split_batch
from .interloss import organ_loss
from .losses import intra_loss
from .network import EmbeddingNet
from .pairs import RegisteredPair, read_ct_mr, read_registered
from .smoothmap import uniform
from .validate import Validator, short_table, write_table

PACKAGE = Path(__file__).resolve().parents[1]
"""Folder that the paths of a configuration are relative to."""
LOG_EVERY = 10
"""Steps between rows of curve.csv."""
FLOOR_RATE = 0.05
"""Share of the learning rate that remains at the end of the decay."""
COLUMNS = (
    *("total", "fine", "coarse", "combined", "hit", "semantic", "inter", "dense"),
    *("cosine", "mutual", "mutual_hit"),
)
CROSS_SHARE = 0.5
"""CT-MR steps: share of pairs that show both modalities."""
ORGAN_SEED_SHARE = 0.7
"""Share of head-neck views that are centred near an organ; the others are anywhere in the body."""


@dataclasses.dataclass(frozen=True)
class TrainingSet:
    """Volumes by role. torso_odds: chance weights, the square root of each body's size."""

    torso: list[Volume]
    headneck: list[Volume]
    limb: list[Volume]
    ct_mr: list[tuple[Volume, Volume]]
    registered: list[RegisteredPair] = dataclasses.field(default_factory=list)
    """CT-MR pairs of a student."""

    def torso_odds(self) -> Tensor:
        """(N,) weights: larger scans have more anatomy and are drawn more often, but not in proportion to size."""
        return torch.tensor([float(len(v.body)) for v in self.torso]).sqrt()


def load_training_set(root: Path, config: TrainingConfig) -> TrainingSet:
    """Read the training split into memory."""
    data, limb = config.data, split("limb", root)[0]
    headneck = split("headneck", root)[0][: data.headneck_limit or None]
    student = config.student
    if all(part.schedule.headneck_chance == 0 for part in config.parts()) and not (student and student.headneck_share):
        headneck = []
    registrations = PACKAGE / student.registrations if student and student.registrations else None
    found = TrainingSet(
        torso=[rescaled(read_ct(f), data.ct_window) for f in split("torso", root)[0]],
        headneck=[rescaled(read_ct(f, with_organs=True), data.ct_window) for f in headneck],
        limb=[rescaled(read_ct(f), data.ct_window) for f in limb] if data.limb_share > 0 else [],
        ct_mr=[read_ct_mr(f, data.ct_window) for f in limb] if data.ct_mr else [],
        registered=read_registered(limb, registrations) if registrations else [],
    )
    check_volumes(found, root, config)
    return found


def check_volumes(found: TrainingSet, root: Path, config: TrainingConfig) -> None:
    """Raise DataError, which names the folder, if a kind of step that the configuration has finds no volume."""
    if config.student:
        return
    for part in config.parts():
        organs, pairs = part.schedule.headneck_chance, part.schedule.ct_mr_chance
        wanted = {
            "torso": (found.torso, organs < 1 and pairs < 1),
            "headneck": (found.headneck, organs > 0 and pairs < 1),
            "limb": (found.ct_mr, pairs > 0),
        }
        for folder, (volumes, is_drawn) in wanted.items():
            if is_drawn and not volumes:
                raise DataError(f"{root / folder}: no training volumes")


def learning_rate(step: int, schedule: ScheduleConfig, cold_since: int = 0) -> float:
    """Linear warm-up from step `cold_since`, constant, linear fall to FLOOR_RATE over the last `decay` steps."""
    rise = min(1.0, (step - cold_since + 1) / max(1, schedule.warmup))
    fall = min(1.0, (schedule.steps - step) / max(1, schedule.decay))
    return schedule.learning_rate * rise * max(FLOOR_RATE, fall)


class Trainer:
    """Network, averaged network, optimiser, step and training time of one run."""

    def __init__(self, config: TrainingConfig, data: TrainingSet, device: str) -> None:
        self.config, self.data, self.device = config, data, device
        torch.manual_seed(config.schedule.seed)
        self.net = EmbeddingNet(config.network).to(device, memory_format=torch.channels_last_3d)
        self.ema = copy.deepcopy(self.net).eval()
        rate, decay = config.schedule.learning_rate, config.schedule.weight_decay
        self.optimizer = torch.optim.AdamW(self.net.parameters(), lr=rate, weight_decay=decay)
        self.step, self.seconds = 0, 0.0
        self.cold_since = 0
        """The step at which the optimiser state was empty; the warm-up begins there."""

    @property
    def stage(self) -> TrainingConfig:
        """The configuration that holds at the current step of the curriculum."""
        return self.config.at(self.step)

    def enter_stage(self) -> None:
        """Set both networks to the configuration of the current step."""
        for net in (self.net, self.ema):
            net.reconfigure(self.stage.network)

    def step_rng(self) -> torch.Generator:
        """The generator of the current step."""
        return torch.Generator().manual_seed(self.config.schedule.seed * 10_000_000 + self.step)

    def batch(self, rng: torch.Generator) -> tuple[list[Volume], list[tuple[View, View]], bool]:
        """(volumes, their view pairs, whether they carry organ labels)."""
        schedule, augment = self.stage.schedule, self.stage.augment
        if uniform(rng, 0, 1) < schedule.ct_mr_chance:
            return self.ct_mr_batch(rng)
        organs = uniform(rng, 0, 1) < schedule.headneck_chance
        if augment.torso_patch and not organs:
            augment = dataclasses.replace(augment, patch=augment.torso_patch)
        count = max(2, schedule.pairs) if organs else schedule.pairs
        volumes = [self.draw_volume(rng, organs) for _ in range(count)]
        stride = self.config.network.fine_stride()
        seeds = [organ_seed(v, rng) if organs else None for v in volumes]
        pairs = [random_pair(v, rng, augment, stride, s) for v, s in zip(volumes, seeds, strict=True)]
        return volumes, pairs, organs

    def ct_mr_batch(self, rng: torch.Generator) -> tuple[list[Volume], list[tuple[View, View]], bool]:
        """Like `batch`: MR in the first view, the CT of the same patient or the same MR in the second."""
        volumes, pairs = [], []
        for _ in range(self.stage.schedule.pairs):
            ct, mr = self.data.ct_mr[int(torch.randint(0, len(self.data.ct_mr), (), generator=rng))]
            partner = ct if uniform(rng, 0, 1) < CROSS_SHARE else mr
            stride = self.config.network.fine_stride()
            pairs.append(random_pair(mr, rng, self.stage.augment, stride, partner=partner))
            volumes.append(mr)
        return volumes, pairs, False

    def draw_volume(self, rng: torch.Generator, organs: bool) -> Volume:
        """A random head-neck patient, or a torso or limb volume."""
        if organs:
            return pick(self.data.headneck, rng)
        if self.data.limb and uniform(rng, 0, 1) < self.config.data.limb_share:
            return pick(self.data.limb, rng)
        return self.data.torso[int(torch.multinomial(self.data.torso_odds(), 1, generator=rng))]

    def losses(self, rng: torch.Generator) -> dict[str, Tensor]:
        """Losses of one random batch; the optimiser minimises `total`."""
        volumes, pairs, organs = self.batch(rng)
        image = stack_images([v for pair in pairs for v in pair]).to(self.device)
        out = self.net.raw(image.contiguous(memory_format=torch.channels_last_3d), semantic=organs)
        maps = split_batch(out, self.net.config)
        config, parts = self.stage.loss, []
        shown = [list(zip(pair, (maps[2 * i], maps[2 * i + 1]), strict=True)) for i, pair in enumerate(pairs)]
        for i, pair in enumerate(pairs):
            others = [view for k, other in enumerate(volumes) if other is not volumes[i] for view in shown[k]]
            parts.append(intra_loss(pair, (maps[2 * i], maps[2 * i + 1]), config, rng, others))
        if organs and self.config.network.semantic_embedding:
            for k in range(2):
                views = (pairs[0][k], pairs[1][k])
                parts.append(organ_loss(volumes[:2], views, (maps[k], maps[2 + k]), config, rng))
        keys = {key for part in parts for key in part}
        mean = {key: torch.stack([p[key] for p in parts if key in p]).mean() for key in keys - {"total"}}
        totals = [p["total"] for p in parts if "total" in p]
        if totals:
            mean["total"] = torch.stack(totals).sum() / len(pairs)
        return mean

    def train_step(self) -> dict[str, float]:
        """One optimiser step; returns the losses."""
        begin = time.monotonic()
        self.enter_stage()
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.step, self.stage.schedule, self.cold_since)
        self.net.train()
        losses = self.losses(self.step_rng())
        self.optimizer.zero_grad(set_to_none=True)
        if "total" in losses:
            losses["total"].backward()
            torch.nn.utils.clip_grad_norm_(self.net.parameters(), self.stage.schedule.clip_norm)
            self.optimizer.step()
            self.average()
        self.step += 1
        self.seconds += time.monotonic() - begin
        return {key: float(value.detach()) for key, value in losses.items()}

    @torch.no_grad()
    def average(self) -> None:
        """Exponential moving average of weights and batch-norm statistics, faster at the start."""
        keep = min(self.stage.schedule.ema, (1 + self.step) / (10 + self.step))
        for mean, value in zip(self.ema.state_dict().values(), self.net.state_dict().values(), strict=True):
            if mean.dtype.is_floating_point:
                mean.lerp_(value, 1 - keep)
            else:
                mean.copy_(value)

    def state(self) -> dict[str, object]:
        """The parts of a checkpoint, as `restore` reads them."""
        return {
            "config": as_json(self.config),
            "step": self.step,
            "seconds": self.seconds,
            "cold_since": self.cold_since,
            "net": self.net.state_dict(),
            "ema": self.ema.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }

    def restore(self, parts: dict[str, object]) -> None:
        """Continue from the parts of a checkpoint. Old checkpoints lack `cold_since`, which is then 0."""
        self.net.load_state_dict(parts["net"])
        self.ema.load_state_dict(parts["ema"])
        self.optimizer.load_state_dict(parts["optimizer"])
        self.step, self.seconds = int(parts["step"]), float(parts["seconds"])
        self.cold_since = int(parts.get("cold_since", 0))

    def begin(self) -> None:
        """The first state of a new run: random weights."""

    def start_from(self, parts: dict[str, object]) -> None:
        """Continue from packed weights (step, time, averaged weights) with a new optimiser and its own warm-up."""
        self.net.load_state_dict(parts["ema"])
        self.ema.load_state_dict(parts["ema"])
        self.step, self.seconds = int(parts["step"]), float(parts["seconds"])
        self.cold_since = self.step

    def transfer(self, parts: dict[str, object]) -> int:
        """Begin at step 0 with the weights of another model whose name and shape agree; returns their number."""
        own = self.net.state_dict()
        shared = {k: v for k, v in parts["ema"].items() if k in own and own[k].shape == v.shape}
        if not shared:
            raise CheckpointError("no weight of the other model fits this network")
        for net in (self.net, self.ema):
            net.load_state_dict({**own, **shared})
        return len(shared)


def pick(volumes: list[Volume], rng: torch.Generator) -> Volume:
    """A uniformly random volume."""
    return volumes[int(torch.randint(0, len(volumes), (), generator=rng))]


def organ_seed(volume: Volume, rng: torch.Generator) -> Tensor | None:
    """A random organ's centroid (mm), or None for any body point."""
    centres = organ_points(volume)[1]
    if len(centres) == 0 or uniform(rng, 0, 1) > ORGAN_SEED_SHARE:
        return None
    return centres[int(torch.randint(0, len(centres), (), generator=rng))]


def run(trainer: Trainer, folder: Path, validator: Validator | None) -> None:
    """Train to the last step; writes curve.csv, validation.csv and last.pt at their intervals."""
    schedule = trainer.config.schedule
    sums: dict[str, list[float]] = {}
    saved = validated = time.monotonic()
    while trainer.step < schedule.steps:
        for key, value in trainer.train_step().items():
            sums.setdefault(key, []).append(value)
        if trainer.step % LOG_EVERY == 0:
            log_curve(trainer, folder, sums)
            sums = {}
        done = trainer.step == schedule.steps
        if done or time.monotonic() - saved > 60 * schedule.checkpoint_minutes:
            checkpoint.save(folder / "last.pt", trainer.state())
            saved = time.monotonic()
        if validator and (done or time.monotonic() - validated > 60 * schedule.validate_minutes):
            table = folder / "validation.csv"
            rows = write_table(validator, trainer.ema, table, trainer.step, trainer.seconds)
            print(f"validation at step {trainer.step}\n{short_table(rows)}", flush=True)
            validated = time.monotonic()


def log_curve(trainer: Trainer, folder: Path, sums: dict[str, list[float]]) -> None:
    """Append the means since the last log to curve.csv and print them."""
    row: dict[str, object] = {"step": trainer.step, "seconds": round(trainer.seconds)}
    for key in COLUMNS:
        values = sums.get(key, [])
        row[key] = round(sum(values) / len(values), 4) if values else ""
    checkpoint.append_row(folder / "curve.csv", row)
    print(" ".join(f"{k} {v}" for k, v in row.items() if v != ""), flush=True)


def options(argv: Sequence[str] | None, about: str | None) -> argparse.Namespace:
    """Command line."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--run", type=Path, help="folder of the run; default: runs/NAME in the current folder")
    parser.add_argument(
        "--start", type=Path, help="packed weights.pt; a new run continues from its averaged weights, step and time"
    )
    parser.add_argument(
        "--transfer", type=Path, help="packed weights of another model; a new run begins with those that fit"
    )
    parser.add_argument("--until", type=int, help="last step, instead of that of the configuration")
    parser.add_argument("--decay", type=int, help="number of last steps with a decreasing learning rate")
    parser.add_argument("--no-validation", action="store_true")
    return parser.parse_args(argv)


def restore_or_begin(trainer: Trainer, folder: Path, args: argparse.Namespace) -> None:
    """Set a trainer to its checkpoint, to the weights that the command line names, or to its first state."""
    config, last = trainer.config, folder / "last.pt"
    if last.exists():
        parts = checkpoint.load(last)
        checkpoint.check_network(last, parts, config)
        trainer.restore(parts)
        for table in ("curve.csv", "validation.csv"):
            checkpoint.drop_rows_after(folder / table, trainer.step)
    elif args.start:
        parts = checkpoint.load(args.start)
        checkpoint.check_network(args.start, parts, config)
        trainer.start_from(parts)
    elif args.transfer:
        print(f"{trainer.transfer(checkpoint.load(args.transfer))} tensors of {args.transfer}", flush=True)
    else:
        trainer.begin()


def start(argv: Sequence[str] | None, make: type[Trainer], about: str | None) -> None:
    """Start or resume a run with a trainer of class `make`. about: of the command, for --help."""
    args = options(argv, about)
    config = load_config(args.config)
    changes = {k: v for k, v in (("steps", args.until), ("decay", args.decay)) if v is not None}
    config = dataclasses.replace(config, schedule=dataclasses.replace(config.schedule, **changes))
    torch.set_num_threads(config.schedule.threads)
    folder = args.run or Path("runs") / config.name
    folder.mkdir(parents=True, exist_ok=True)
    root = data_root()
    trainer = make(config, load_training_set(root, config), "cuda" if torch.cuda.is_available() else "cpu")
    restore_or_begin(trainer, folder, args)
    print(f"{config.name}: step {trainer.step} of {config.schedule.steps} on {trainer.device}", flush=True)
    is_validated = not args.no_validation and config.student is None
    run(trainer, folder, Validator(root, config) if is_validated else None)


@command
def main(argv: Sequence[str] | None = None) -> None:
    """Start or resume a self-supervised run."""
    start(argv, Trainer, __doc__)


if __name__ == "__main__":
    main()
