"""Strict JSON configuration: one file per model. Every key is checked; an invalid key is named and nothing starts."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from .checks import check_values
from .errors import ConfigError
from .network import NetworkConfig

T = TypeVar("T")

WORKING_MM = 2.0
"""Spacing of the working grid, mm. Validation and export support no other."""
FINE_STRIDE = (2, 2, 2)
"""Working voxels per fine voxel (z, y, x). Matching supports no other."""
POOLS = ((1, 1, 1), (2, 1, 1))
"""Pools after the first layer that the exported graphs can run."""
STAGED_SCHEDULE = frozenset(
    ("steps", "decay", "pairs", "headneck_chance", "ct_mr_chance", "learning_rate", "warmup", "ema", "clip_norm")
)
"""Schedule keys that a stage may change; the others hold for a whole run.

A stage's `steps` is the step at which its learning rate has reached the minimum.
"""
STAGED_NETWORK = frozenset(("phases",))
"""Network keys that a stage may change: those that the weights do not depend on."""


@dataclass(frozen=True)
class DataConfig:
    """Which volumes feed a run."""

    limb_share: float = 0.1
    """Chance that a torso step draws a limb CT (hip, thigh) instead."""
    ct_mr: bool = False
    """Read the limb CT-MR pairs (UAE-M)."""
    ct_window: tuple[float, float] = (-1024.0, 3071.0)
    """HU interval that is mapped to the input range; the default is that of SAM."""
    headneck_limit: int = 0
    """Number of patients to read, for short trial runs; 0 reads every training patient."""


@dataclass(frozen=True)
class AugmentConfig:
    """Ranges of the random views. mm, degrees, HU; sigma = standard deviation."""

    patch: tuple[int, int, int] = (80, 96, 96)
    """Working voxels (z, y, x)."""
    torso_patch: tuple[int, int, int] | None = None
    """Patch of the steps that show one patient: larger, so that it has more context. None means `patch`."""
    spacing_mm: float = WORKING_MM
    offset_mm: float = 40.0
    rotation_deg: float = 8.0
    scale: float = 0.15
    elastic_mm: float = 9.0
    """Largest standard deviation of the knots of the coarse field: half the 99th percentile of the field, about."""
    elastic_knot_mm: tuple[float, float] = (50.0, 90.0)
    local_mm: float = 2.0
    local_knot_mm: float = 30.0
    noise_hu: float = 35.0
    blur_voxels: float = 1.2
    thick_chance: float = 0.3
    curve_chance: float = 0.7
    curve_strength: float = 1.0
    crop_chance: float = 0.3
    aggressive: bool = False
    """Appearance for CT-MR: random monotone intensity maps and inversions instead of contrast-phase curves."""


@dataclass(frozen=True)
class LossConfig:
    """Sizes and temperatures of the contrastive losses; radii in mm."""

    anchors: int = 160
    negatives: int = 4000
    """Diverse negatives drawn in each view."""
    hard: int = 1000
    """How many of them, those of highest similarity, enter the loss of an anchor; 0 means all."""
    other_negatives: int = 0
    """Negatives of the coarse head drawn in each view of the other patients of a step, as in SAM; 0 draws none."""
    near: int = 24
    near_radius_mm: tuple[float, float] = (5.0, 24.0)
    fine_ignore_mm: float = 8.0
    coarse_ignore_mm: float = 24.0
    temperature: float = 0.1
    fine_weight: float = 1.0
    coarse_weight: float = 0.5
    combined_weight: float = 1.0
    semantic_weight: float = 1.0
    inter_weight: float = 0.5
    inter_ignore_mm: float = 8.0
    """No negatives closer than this to a landmark of a compact organ: contours of two readers differ by a few mm."""
    dense_ignore_mm: float = 14.0
    """The same for points mapped between patients, and for centroids of spinal cord and oesophagus."""


@dataclass(frozen=True)
class ScheduleConfig:
    """Optimiser, number of steps and intervals. Steps are optimiser steps."""

    steps: int = 6000
    pairs: int = 1
    """Pairs of views per step; head-neck steps show at least two patients."""
    headneck_chance: float = 0.25
    """Chance that a step shows head-neck patients; such a step also trains the semantic head."""
    ct_mr_chance: float = 0.0
    """Chance that a step shows CT-MR pairs: half of them CT against MR, the others MR against itself."""
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    warmup: int = 100
    decay: int = 1500
    """Number of last steps over which the learning rate decreases linearly to a twentieth."""
    ema: float = 0.998
    clip_norm: float = 2.0
    seed: int = 7
    threads: int = 2
    checkpoint_minutes: float = 5.0
    validate_minutes: float = 20.0


@dataclass(frozen=True)
class ContrastConfig:
    """Ranges of synthetic contrasts; intensities lie in 0..1."""

    mr_like_chance: float = 0.5
    """Share of contrasts whose tissues have an order of MR; the others have any order."""
    variation: float = 0.12
    """Standard deviation of the second variant of the intensity map, which holds in parts of the image."""
    bias: float = 0.35
    """Largest standard deviation of the logarithm of the bias field."""
    noise: float = 0.08
    blur_voxels: float = 1.2
    thick_slice_chance: float = 0.4


@dataclass(frozen=True)
class StudentConfig:
    """Distillation: the network learns the vectors of a frozen teacher for any contrast."""

    teacher: str
    """Packed weights of the teacher, relative to the folder of this package's project."""
    registrations: str = ""
    """Registrations of the limb CT-MR pairs, relative to the same folder; empty uses no pairs."""
    pair_chance: float = 0.5
    """Share of steps that show a real CT-MR pair."""
    headneck_share: float = 0.25
    """Share of the other steps that show a head-neck CT."""
    crop: tuple[int, int, int] = (56, 96, 96)
    """Working voxels (z, y, x) of the student's crop of `augment.patch`."""
    anchors: int = 1536
    """Voxels drawn per step: each is compared with all others."""
    queries: int = 768
    """How many of them enter the InfoNCE as queries."""
    cosine_weight: float = 4.0
    mutual_weight: float = 0.5
    """Weight of the InfoNCE of the two contrasts against each other."""
    mr_window: tuple[float, float] = (-600.0, 900.0)
    """HU interval that MR intensities in 0..1 are mapped to: the windows of the teacher resolve all of it."""
    contrast: ContrastConfig = field(default_factory=ContrastConfig)
    frozen_norm_from: int = 1_000_000
    """Step from which on batch norms use the averaged statistics."""
    bfloat16: bool = True


@dataclass(frozen=True)
class Stage:
    """Changes from a step on, applied after the earlier stages; of schedule and network only the STAGED keys."""

    from_step: int
    augment: dict[str, Any] = field(default_factory=dict)
    loss: dict[str, Any] = field(default_factory=dict)
    schedule: dict[str, Any] = field(default_factory=dict)
    network: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that defines the training of a model."""

    name: str
    kind: str = "UAE-S"
    network: NetworkConfig = field(default_factory=NetworkConfig)
    data: DataConfig = field(default_factory=DataConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    student: StudentConfig | None = None
    """Distillation instead of self-supervised training."""
    curriculum: tuple[Stage, ...] = ()
    """Stages in the order of their steps."""

    def at(self, step: int) -> TrainingConfig:
        """The configuration at a step: every stage that has begun, applied in order."""
        current = self
        for stage in self.curriculum:
            if stage.from_step <= step:
                current = current.with_stage(stage)
        return current

    def parts(self) -> tuple[TrainingConfig, ...]:
        """The successive configurations: before the first stage, then from each stage on."""
        return (self, *(self.at(stage.from_step) for stage in self.curriculum))

    def with_stage(self, stage: Stage) -> TrainingConfig:
        """This configuration with the changes of a stage.

        Raises ConfigError, which names the stage and the key, if the stage changes a key that it may not change.
        """
        where = f"curriculum from step {stage.from_step}"
        sections = {
            "augment": changed(self.augment, stage.augment, f"{where}, augment"),
            "loss": changed(self.loss, stage.loss, f"{where}, loss"),
            "schedule": changed(self.schedule, stage.schedule, f"{where}, schedule", STAGED_SCHEDULE),
            "network": changed(self.network, stage.network, f"{where}, network", STAGED_NETWORK),
        }
        try:
            return dataclasses.replace(self, **sections)
        except ConfigError as cause:
            raise ConfigError(f"{where}: {cause}") from cause

    def __post_init__(self) -> None:
        if self.kind not in ("SAM", "UAE-S", "UAE-M"):
            raise ConfigError(f"kind must be SAM, UAE-S or UAE-M, got {self.kind!r}")
        if self.kind == "UAE-S" and not self.network.semantic_embedding:
            raise ConfigError("kind UAE-S needs network.semantic_embedding > 0")
        if self.schedule.ct_mr_chance > 0 and not self.data.ct_mr:
            raise ConfigError("schedule.ct_mr_chance > 0 needs data.ct_mr")
        if self.augment.spacing_mm != WORKING_MM:
            raise ConfigError(f"augment.spacing_mm must be {WORKING_MM}, got {self.augment.spacing_mm}")
        if self.network.fine_stride() != FINE_STRIDE:
            raise ConfigError(
                "network: stem_stride x strides[0] x pool, the stride of the fine grid, "
                f"must be {list(FINE_STRIDE)}, got {list(self.network.fine_stride())}"
            )
        if self.network.pool not in POOLS:
            raise ConfigError(f"network.pool must be one of {[list(p) for p in POOLS]}, got {list(self.network.pool)}")
        begins = [stage.from_step for stage in self.curriculum]
        if begins != sorted(set(begins)):
            raise ConfigError(f"curriculum: from_step must rise from stage to stage, got {begins}")


SECTIONS: dict[str, type] = {
    "network": NetworkConfig,
    "data": DataConfig,
    "augment": AugmentConfig,
    "loss": LossConfig,
    "schedule": ScheduleConfig,
}


def load_config(path: Path) -> TrainingConfig:
    """Read and check one JSON file."""
    try:
        raw = json.loads(Path(path).read_text())
    except (OSError, json.JSONDecodeError) as cause:
        raise ConfigError(f"{path}: not a readable JSON file ({cause})") from cause
    return parse_config(raw)


def parse_config(raw: Any) -> TrainingConfig:
    """A checked configuration from decoded JSON."""
    if not isinstance(raw, dict):
        raise ConfigError(f"configuration must be an object, got {type(raw).__name__}")
    values = dict(raw)
    for key, section in SECTIONS.items():
        if key in values:
            values[key] = build(section, values[key], key)
    if values.get("student") is not None:
        values["student"] = parse_student(values["student"])
    stages = values.get("curriculum", [])
    if not isinstance(stages, (list, tuple)):
        raise ConfigError(f"curriculum must be a list of stages, got {type(stages).__name__}")
    values["curriculum"] = tuple(build(Stage, stage, f"curriculum[{i}]") for i, stage in enumerate(stages))
    config = build(TrainingConfig, values, "configuration")
    config.parts()
    return config


def parse_student(raw: Any) -> StudentConfig:
    """The section `student` with its part `contrast`."""
    if not isinstance(raw, dict):
        raise ConfigError(f"student must be an object, got {type(raw).__name__}")
    contrast = build(ContrastConfig, raw.get("contrast", {}), "student.contrast")
    return build(StudentConfig, {**raw, "contrast": contrast}, "student")


def build(cls: type[T], raw: Any, where: str) -> T:
    """An instance of a frozen dataclass from a dict. Raises ConfigError, which names the key that is invalid."""
    if not isinstance(raw, dict):
        raise ConfigError(f"{where} must be an object, got {type(raw).__name__}")
    known = {f.name for f in dataclasses.fields(cls)}
    unknown = sorted(set(raw) - known)
    if unknown:
        raise ConfigError(f"{where}: unknown key {unknown[0]!r}; known: {sorted(known)}")
    missing = [f.name for f in dataclasses.fields(cls) if is_required(f) and f.name not in raw]
    if missing:
        raise ConfigError(f"{where}: key {missing[0]!r} is missing")
    values = {key: frozen(value) for key, value in raw.items()}
    check_values(cls, values, where)
    return cls(**values)


def is_required(field_of: dataclasses.Field) -> bool:
    """Whether a field has no default."""
    return field_of.default is dataclasses.MISSING and field_of.default_factory is dataclasses.MISSING


def changed(section: T, changes: Any, where: str, allowed: frozenset[str] | None = None) -> T:
    """A section dataclass with some values replaced; the keys must be known and, unless it is None, in `allowed`."""
    if not isinstance(changes, dict):
        raise ConfigError(f"{where} must be an object, got {type(changes).__name__}")
    whole = {f.name: getattr(section, f.name) for f in dataclasses.fields(section)}
    if allowed is not None:
        fixed = sorted(set(changes) & set(whole) - allowed)
        if fixed:
            raise ConfigError(f"{where}: {fixed[0]!r} holds for the whole run; a stage may change {sorted(allowed)}")
    return build(type(section), {**whole, **changes}, where)


def frozen(value: Any) -> Any:
    """Nested lists as nested tuples."""
    return tuple(frozen(v) for v in value) if isinstance(value, list) else value


def as_json(config: TrainingConfig) -> dict[str, Any]:
    """The plain dict that `parse_config` reads back to an equal configuration."""
    return json.loads(json.dumps(dataclasses.asdict(config)))
