"""Logs: JSON in production, readable elsewhere, and without secrets everywhere."""

import asyncio
import logging
import re
import sys
import traceback
from collections.abc import Mapping
from types import FrameType
from typing import Any, TextIO

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from ground import clock
from server.config import Settings

HIDDEN = "[hidden]"
INNERMOST_FRAMES = 12
_to_json = msgspec.json.Encoder().encode
_SECRET_NAME = re.compile(
    r"token|secret|passw|authorization|api[_-]?key|cookie|credential|private_key|dsn"
    r"|database_url|redis_url|e_?mail|idempotency",
    re.IGNORECASE,
)
_SECRETS = (
    # JSON Web Tokens, with or without their signature.
    (re.compile(r"\beyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)?"), HIDDEN),
    (re.compile(r"\b(?:sk|pk|whsec)_[\w-]{6,}"), HIDDEN),
    (re.compile(r"(?i)\b(?:bearer|basic)\s+[^\s\"',]{6,}"), HIDDEN),
    (re.compile(r"\b([a-z][a-z0-9+]{1,20})://[^\s/@]{0,200}@[^\s\"']*"), rf"\1://{HIDDEN}"),
    (re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"), HIDDEN),
)


def redacted(value: Any, name: str = "") -> Any:  # noqa: ANN401
    """The same value without what nobody should read in a log."""
    if name and _SECRET_NAME.search(name) and value not in (None, "", True, False):
        return HIDDEN
    match value:
        case str():
            for pattern, instead in _SECRETS:
                value = pattern.sub(instead, value)
            return value
        case Mapping():
            return {key: redacted(inner, str(key)) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [redacted(inner) for inner in value]
        case int() | float() | None:
            return value
        case _:
            return redacted(str(value))


def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The last processor before the renderer."""
    return {key: redacted(value, key) for key, value in event.items()}


def without_trace(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Name an exception and where it was, and leave out what it says and the source text.

    A message can hold SQL, a path or a value; its kind and its frames are enough to find it.
    """
    failure = event.pop("exc_info", None)
    if failure is True:
        failure = sys.exc_info()[1]
    if isinstance(failure, tuple):
        failure = failure[1]
    if isinstance(failure, BaseException):
        event["failure"] = type(failure).__qualname__
        event["where"] = [
            f"{_module(frame)}.{frame.f_code.co_qualname}:{line}"
            for frame, line in traceback.walk_tb(failure.__traceback__)
        ][-INNERMOST_FRAMES:]
        sqlstate = getattr(failure, "sqlstate", None)
        if sqlstate:
            event["sqlstate"] = sqlstate
    return event


def _module(frame: FrameType) -> str:
    """The module's name. A template's is the path of its file, of which the last part will do."""
    return str(frame.f_globals.get("__name__", "?")).rpartition("/")[2]


def configure_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Send our logs and those of libraries through the same processors."""
    global _requests
    stream = stream or sys.stderr
    _requests = RequestLog(settings, stream)
    level = getattr(logging, settings.log_level.upper())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last = _rendering(settings)
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    # Libraries talk a lot: below a warning only when debugging.
    root.setLevel(level if level == logging.DEBUG else max(level, logging.WARNING))
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True
        logging.getLogger(name).setLevel(level)


class RequestLog:
    """One line a request, written without the processors: they take longer than many answers.

    All but the id are our own words, so that nothing has to be looked for in them. The lines of
    requests that end in the same turn of the event loop are written together.
    """

    def __init__(self, settings: Settings, stream: TextIO) -> None:
        self._stream = stream
        self._is_json = settings.environment != "development"
        self._is_silent = getattr(logging, settings.log_level.upper()) > logging.INFO
        self._lines: list[str] = []

    def note(self, method: str, route: str, status: int, ms: float, request_id: str) -> None:
        """Write that a request was answered."""
        if self._is_silent:
            return
        if not self._lines:
            asyncio.get_running_loop().call_soon(self.write)
        self._lines.append(self._line(method, route, status, ms, request_id))

    def write(self) -> None:
        """Write what was noted."""
        lines, self._lines = self._lines, []
        self._stream.write("".join(lines))
        self._stream.flush()

    def _line(self, method: str, route: str, status: int, ms: float, request_id: str) -> str:
        now = clock.now()
        if not self._is_json:
            when = f"{now:%Y-%m-%dT%H:%M:%S.%fZ} [info     ]"
            return f"{when} {status} {method} {route} {ms} ms {request_id}\n"
        at = f"{now.replace(tzinfo=None).isoformat()}Z"
        line = _Request(method, route, status, ms, "request", request_id, "info", at)
        return f"{_to_json(line).decode()}\n"


class _Request(msgspec.Struct, frozen=True):
    method: str
    route: str
    status: int
    ms: float
    event: str
    request_id: str
    level: str
    timestamp: str


_requests = RequestLog(Settings(), sys.stderr)


def request_log() -> RequestLog:
    """Where requests are noted, as it was configured last."""
    return _requests


def settle_logging() -> None:
    """Keep loggers as they are now: a process that serves won't configure them again."""
    structlog.configure(cache_logger_on_first_use=True)


def _rendering(settings: Settings) -> list[Processor]:
    if settings.environment == "development":
        return [
            structlog.processors.format_exc_info,
            redact,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ]
    return [without_trace, redact, structlog.processors.JSONRenderer(ensure_ascii=False)]
