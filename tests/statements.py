"""Counting the statements that something sends to PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import asyncpg
import pytest

Counting = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Counting:
    """`with statements() as sent:` lists the SQL that is sent meanwhile, BEGIN and COMMIT apart."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        sent: list[str] = []
        connection: Any = asyncpg.Connection
        original = connection._execute

        async def noting(self: Any, query: str, *args: Any, **more: Any) -> Any:
            sent.append(query)
            return await original(self, query, *args, **more)

        with monkeypatch.context() as patch:
            patch.setattr(asyncpg.Connection, "_execute", noting)
            yield sent

    return counting
