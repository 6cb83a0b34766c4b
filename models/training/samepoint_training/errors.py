"""The closed set of errors of this package; each says what the caller can do."""

from __future__ import annotations


class TrainingError(Exception):
    """Base of every error raised on purpose by this package."""


class ConfigError(TrainingError):
    """A configuration key is unknown, missing or out of range; the message names it."""


class DataError(TrainingError):
    """A volume is missing, unreadable or not in the frame that the package needs."""


class CheckpointError(TrainingError):
    """A checkpoint does not belong to this configuration or lacks a part."""
