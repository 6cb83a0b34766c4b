"""The errors that this package raises on purpose; the message says what is wrong and names the key or the file."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence

Main = Callable[[Sequence[str] | None], None]
"""A command. Its argument is the command line without the name of the program; None reads sys.argv."""


class TrainingError(Exception):
    """Base of every error raised on purpose by this package."""


class ConfigError(TrainingError):
    """A configuration key is unknown, missing or out of range. The message names it."""


class DataError(TrainingError):
    """A volume is missing, unreadable, empty, or its axes are not L, P, S."""


class CheckpointError(TrainingError):
    """A checkpoint does not belong to this configuration or lacks a part."""


def command(main: Main) -> Main:
    """Decorator of a command: a TrainingError ends the program with its message and status 1, without a traceback."""

    @functools.wraps(main)
    def run(argv: Sequence[str] | None = None) -> None:
        try:
            main(argv)
        except TrainingError as error:
            sys.exit(f"error: {error}")

    return run
