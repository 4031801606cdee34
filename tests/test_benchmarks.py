"""The benchmarks run at all, on a made-up community that agrees with its ledger.

No figure is asserted: machines differ, and tests share theirs.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.embedded.places import PROJECT

# Two hundred of them act, the others are copies, and not all of those have as many of them.
MEMBERS = "450"
SIZED = ("batches", "singles", "reads")
ALONE = ("live", "stalled", "comeback", "widget", "challenge", "push", "inbox", "calm")


def measured(output, *arguments):
    """What the JSON says of a run, and what was printed."""
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments, "--output", output],
        cwd=PROJECT,
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert "met" in ran.stdout or "missed" in ran.stdout
    return json.loads(output.read_bytes())


@pytest.mark.long
def test_every_part_is_measured_beside_its_limit(tmp_path: Path) -> None:
    size = ("--members", MEMBERS, "--seconds", "0.5", "--runs", "1")
    results = measured(tmp_path / "figures.json", *SIZED, *size, "--check")["results"]

    assert [each["name"] for each in results] == [
        "activities, in batches of 1,000",
        "activities, one a call, 64 clients",
        "a page of a board, 25 rows",
        "a standing",
        "activities worth points, in batches of 1,000",
    ]
    for each in results:
        assert each["figure"]["done"] > 0
        assert each["figure"]["statements_a_call"] > 0
        assert each["limit"]["done"] > 0


@pytest.mark.long
def test_what_is_measured_by_itself_has_a_limit_or_a_most(tmp_path: Path) -> None:
    size = ("--quick", "--clients", "40", "--seconds", "2", "--no-peers")
    parts = measured(tmp_path / "figures.json", *ALONE, *size)["parts"]

    assert list(parts) == list(ALONE)
    counts = {part: (len(told["results"]), len(told["goals"])) for part, told in parts.items()}
    assert counts == {
        "live": (3, 2),
        "stalled": (0, 1),
        "comeback": (0, 1),
        "widget": (1, 0),
        "challenge": (1, 0),
        "push": (1, 2),
        "inbox": (0, 2),
        "calm": (0, 3),
    }
    for part in ALONE:
        for each in parts[part]["results"]:
            assert each["figure"]["done"] > 0
            assert each["limit"]["done"] > 0
        assert all(goal["verdict"] in {"met", "missed"} for goal in parts[part]["goals"])
