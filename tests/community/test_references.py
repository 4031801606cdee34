"""How systems name members and moments."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from community.activities.references import External, moment_in, reference_in


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        (
            "0b9f6a52-6f0e-4a3c-9a55-2c7a0d1be0f1",
            UUID("0b9f6a52-6f0e-4a3c-9a55-2c7a0d1be0f1"),
        ),
        ("external:crm:4711", External("crm", "4711")),
        ("external:crm:order:12", External("crm", "order:12")),
        ("external:crm:", None),
        ("external::4711", None),
        ("external:crm", None),
        ("crm:4711", None),
        ("4711", None),
        ("{0b9f6a52-6f0e-4a3c-9a55-2c7a0d1be0f1}", None),
        (
            "0B9F6A52-6F0E-4A3C-9A55-2C7A0D1BE0F1",
            UUID("0b9f6a52-6f0e-4a3c-9a55-2c7a0d1be0f1"),
        ),
        ("' OR 1=1 --", None),
        ("", None),
    ],
)
def test_whom_a_text_names(text, reference):
    assert reference_in(text) == reference


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param(
            "2026-11-21T10:00:00Z", datetime(2026, 11, 21, 10, tzinfo=UTC), id="a moment in UTC"
        ),
        pytest.param(
            "2026-11-21T11:00:00+01:00", datetime(2026, 11, 21, 10, tzinfo=UTC), id="with a zone"
        ),
        pytest.param("2026-11-21", date(2026, 11, 21), id="a day"),
        pytest.param("2024-02-29", date(2024, 2, 29), id="a leap day"),
        pytest.param("2025-02-29", None, id="a day that never was"),
        pytest.param("2026-11-21T10:00:00", None, id="a moment without a zone"),
        pytest.param("2026-13-01", None, id="a thirteenth month"),
        pytest.param("2026-11-21T25:00:00Z", None, id="a twenty-fifth hour"),
        pytest.param("21/11/2026", None, id="another form"),
        pytest.param("1795000000", None, id="seconds"),
        pytest.param("\u0662\u0660\u0662\u0666-\u0661\u0661-\u0662\u0661", None, id="other digits"),
        pytest.param("0001-01-01T00:00:00+14:00", None, id="before there was a calendar"),
        pytest.param("9999-12-31", None, id="the end of the calendar"),
        pytest.param("yesterday", None, id="a word"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_when_a_text_says_that_something_happened(text, moment):
    assert moment_in(text) == moment
