"""Checkpoints (weights, averaged weights, optimiser state, step and time) and the CSV tables of a run."""

from __future__ import annotations

import csv
import json
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from .config import TrainingConfig, as_json, parse_config
from .errors import CheckpointError
from .network import EmbeddingNet

PARTS = ("config", "step", "seconds", "net", "ema", "optimizer")
STORED = ("meta", "net", "ema", "moments")


def save(path: Path, parts: dict[str, Any]) -> None:
    """Write all PARTS atomically: if the run is ended while it writes, the previous file is still complete.

    Everything but tensors goes into one JSON text, because `weights_only` of torch 1.13 does not read floats.
    """
    missing = [k for k in PARTS if k not in parts]
    if missing:
        raise CheckpointError(f"cannot save {path}: part {missing[0]!r} is missing")
    optimizer = parts["optimizer"]
    meta = {k: parts[k] for k in ("config", "step", "seconds")}
    meta["cold_since"] = parts.get("cold_since", 0)
    meta["groups"] = optimizer["param_groups"]
    stored = {"meta": json.dumps(meta), "net": parts["net"], "ema": parts["ema"], "moments": optimizer["state"]}
    draft = path.with_suffix(".tmp")
    torch.save(stored, draft)
    draft.replace(path)


def load(path: Path) -> dict[str, Any]:
    """Read a checkpoint of this package. `weights_only`: a pickle from elsewhere cannot execute code."""
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError) as cause:
        raise CheckpointError(f"{path}: unreadable checkpoint ({cause})") from cause
    missing = [k for k in STORED if k not in stored]
    if missing:
        raise CheckpointError(f"{path}: part {missing[0]!r} is missing")
    meta = json.loads(stored["meta"])
    optimizer = {"state": stored["moments"], "param_groups": meta.pop("groups")}
    return {**meta, "net": stored["net"], "ema": stored["ema"], "optimizer": optimizer}


def check_network(path: Path, parts: dict[str, Any], config: TrainingConfig) -> None:
    """Refuse a checkpoint of another network. Other sections of the configuration may change between sessions."""
    stored, wanted = as_json(parse_config(parts["config"]))["network"], as_json(config)["network"]
    for key in wanted:
        if stored[key] != wanted[key]:
            raise CheckpointError(f"{path}: network.{key} is {stored[key]}, the configuration has {wanted[key]}")


def averaged_network(path: Path) -> tuple[EmbeddingNet, TrainingConfig]:
    """(network with the averaged (EMA) weights in eval mode, its configuration) of a checkpoint."""
    parts = load(path)
    config = parse_config(parts["config"])
    net = EmbeddingNet(config.at(parts["step"]).network)
    net.load_state_dict(parts["ema"])
    return net.eval(), config


def append_row(path: Path, row: dict[str, Any]) -> None:
    """Append to a CSV; a column that the file lacks is added to all its rows."""
    columns, rows = read_rows(path)
    if path.exists() and set(row) <= set(columns):
        with path.open("a", newline="") as stream:
            csv.DictWriter(stream, columns).writerow(row)
        return
    write_rows(path, [*columns, *(key for key in row if key not in columns)], [*rows, row])


def drop_rows_after(path: Path, step: int) -> None:
    """Remove the rows of steps that a resumed run repeats."""
    if path.exists():
        columns, rows = read_rows(path)
        write_rows(path, columns, [r for r in rows if int(r["step"]) <= step])


def read_rows(path: Path) -> tuple[list[str], list[dict[str, Any]]]:
    """(columns, rows) of a CSV; empty when there is no file."""
    if not path.exists():
        return [], []
    with path.open(newline="") as stream:
        reader = csv.DictReader(stream)
        return list(reader.fieldnames or []), list(reader)


def write_rows(path: Path, columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    """Write a CSV; missing values are empty."""
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
