"""The one error of this package."""

from __future__ import annotations

from typing import Any


class SamepointError(Exception):
    """What went wrong, in words, and what to do about it.

    code: that of the server (docs/errors.md), or `client/...`. status: of HTTP; 0 without an answer.
    """

    def __init__(self, message: str, code: str, remedy: str = "", status: int = 0) -> None:
        super().__init__(f"{message} [{code}]{f' {remedy}' if remedy else ''}")
        self.message, self.code, self.remedy, self.status = message, code, remedy, status


def error_of(body: Any, status: int = 0) -> SamepointError:
    """The error that an answer of the server describes; `body` is the value of its key `error`."""
    if isinstance(body, dict) and isinstance(body.get("message"), str):
        return SamepointError(
            body["message"], str(body.get("code", "")), str(body.get("remedy", "")), int(body.get("status", status))
        )
    message = f"the server answered with status {status} and no error of Samepoint"
    remedy = "Is the address that of Samepoint, such as http://127.0.0.1:8480/samepoint?"
    return SamepointError(message, "client/not-samepoint", remedy, status)
