"""Reads that may take longer than those of requests."""

import asyncpg
import pytest

from ground import long_reads
from ground.engine import fetchval
from ground.long_reads import fetch_long

LIMIT = "SELECT current_setting('statement_timeout')"


async def test_a_long_read_has_a_limit_of_its_own(database):
    usual = await fetchval(LIMIT)
    assert (await fetch_long(LIMIT))[0][0] == "20s"
    assert await fetchval(LIMIT) == usual


async def test_what_takes_too_long_is_stopped_and_harms_nothing(database, monkeypatch):
    monkeypatch.setattr(long_reads, "LONGEST", "SET LOCAL statement_timeout = '50ms'")
    with pytest.raises(asyncpg.QueryCanceledError):
        await fetch_long("SELECT pg_sleep(9)")
    assert await fetchval("SELECT 1") == 1
