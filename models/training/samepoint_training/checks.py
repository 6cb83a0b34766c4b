"""Types and ranges of configuration values, checked against the annotations of their dataclass."""

from __future__ import annotations

import math
import types
import typing
from typing import Any

from .errors import ConfigError

SHARES = frozenset(
    (
        "limb_share",
        "thick_chance",
        "curve_chance",
        "crop_chance",
        "headneck_chance",
        "ct_mr_chance",
        "ema",
        "mr_like_chance",
        "thick_slice_chance",
        "pair_chance",
        "headneck_share",
    )
)
"""Keys whose value lies in 0..1."""
POSITIVE = frozenset(
    (
        *("patch", "torso_patch", "elastic_knot_mm", "local_knot_mm", "spacing_mm"),
        *("anchors", "negatives", "near", "temperature"),
        *("steps", "pairs", "learning_rate", "clip_norm", "threads"),
        *("crop", "queries"),
        *("channels", "blocks", "kernels", "strides", "stem_kernel", "stem_stride", "pool", "neck_kernel"),
    )
)
"""Keys whose value, or every element of it, is greater than 0."""
NAMES = {bool: "true or false", int: "a whole number", float: "a number", str: "text", type(None): "null"}


def check_values(cls: type, values: dict[str, Any], where: str) -> None:
    """Raise ConfigError, which names the key, for a value of another type or outside its range."""
    hints = typing.get_type_hints(cls)
    for key, value in values.items():
        if not fits(value, hints[key]):
            raise ConfigError(f"{where}: {key} must be {described(hints[key])}, got {value!r}")
        if key in SHARES and not 0 <= value <= 1:
            raise ConfigError(f"{where}: {key} must lie in 0 to 1, got {value}")
        if key in POSITIVE and min(numbers(value), default=1) <= 0:
            raise ConfigError(f"{where}: {key} must be greater than 0, got {value}")


def fits(value: Any, hint: Any) -> bool:
    """Whether a value has the annotated type. A whole number is a number; a boolean is neither."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(fits(value, part) for part in parts)
    if origin is tuple:
        wanted = parts[:1] * len(value) if isinstance(value, tuple) and parts[-1] is Ellipsis else parts
        return isinstance(value, tuple) and len(value) == len(wanted) and all(map(fits, value, wanted))
    if isinstance(value, bool):
        return hint is bool
    if hint is float:
        return isinstance(value, (int, float)) and math.isfinite(value)
    return isinstance(value, origin or hint)


def described(hint: Any) -> str:
    """A type in words."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(described(part) for part in parts)
    if origin is tuple and parts[-1] is Ellipsis:
        return f"a list, each element {described(parts[0])}"
    if origin is tuple:
        return f"a list of {len(parts)}, each element {described(parts[0])}"
    return NAMES.get(hint, "an object")


def numbers(value: Any) -> list[float]:
    """The numbers in a value, also in nested tuples; none of None."""
    if isinstance(value, tuple):
        return [number for part in value for number in numbers(part)]
    return [] if value is None else [value]
