"""The errors that this package raises on purpose; the message says what is wrong and names the key or the file."""

from __future__ import annotations


class TrainingError(Exception):
    """Base of every error raised on purpose by this package."""


class ConfigError(TrainingError):
    """A configuration key is unknown, missing or out of range. The message names it."""


class DataError(TrainingError):
    """A volume is missing, unreadable, empty, or its axes are not L, P, S."""


class CheckpointError(TrainingError):
    """A checkpoint does not belong to this configuration or lacks a part."""
