"""The one clock. Deciding functions take the time as an argument; only edges read it here."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_source: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731


def now() -> datetime:
    """The present moment, in UTC."""
    return _source()


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Stop the clock at `moment` (tests and `--as-of`)."""
    with _replaced(lambda: moment):
        yield


@contextmanager
def shifted(by: timedelta) -> Iterator[None]:
    """Run the clock ahead of or behind the real one."""
    with _replaced(lambda: datetime.now(UTC) + by):
        yield


@contextmanager
def _replaced(source: Callable[[], datetime]) -> Iterator[None]:
    global _source
    before, _source = _source, source
    try:
        yield
    finally:
        _source = before
