"""Arrays are written as PostgreSQL reads them."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ground.arrays import columns, literal
from ground.engine import fetchval

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ([], "{}"),
        ([1, -2], "{1,-2}"),
        (["a", None, "é"], '{"a",null,"é"}'),
        ([UUID(int=7)], '{"00000000-0000-0000-0000-000000000007"}'),
        ([date(2026, 11, 22)], '{"2026-11-22"}'),
        (['a"b\\c\n', "null"], '{"a\\"b\\\\c\n","null"}'),
    ],
)
def test_an_array_is_written_as_postgresql_reads_it(values, written):
    assert literal(values) == written


def test_rows_become_columns():
    assert columns([(1, "a"), (2, "b")]) == ["{1,2}", '{"a","b"}']


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(texts=st.lists(st.none() | TEXT, max_size=5))
async def test_any_text_comes_back_as_it_was(database, texts):
    assert await fetchval("SELECT $1::text::text[]", literal(texts)) == texts


async def test_moments_days_and_numbers_come_back(database):
    moment = datetime(2026, 11, 22, 4, 30, 15, 123456, UTC)
    assert await fetchval("SELECT $1::text::timestamptz[]", literal([moment])) == [moment]
    assert await fetchval("SELECT $1::text::bigint[]", literal([2**62, -1])) == [2**62, -1]
    assert await fetchval("SELECT $1::text::bool[]", literal([True, None])) == [True, None]
