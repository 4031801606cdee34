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


@pytest.mark.long
def test_every_part_is_measured_beside_its_limit(tmp_path: Path) -> None:
    output = tmp_path / "figures.json"
    size = ("--members", MEMBERS, "--seconds", "0.5", "--runs", "1")
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks", *size, "--check", "--output", output],
        cwd=PROJECT,
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
    )

    assert ran.returncode == 0, ran.stderr
    results = json.loads(output.read_bytes())["results"]
    assert [each["name"] for each in results] == [
        "activities, in batches of 1,000",
        "activities worth points, in batches of 1,000",
        "activities, one a call, 64 clients",
        "a page of a board, 25 rows",
        "a standing",
    ]
    for each in results:
        assert each["figure"]["done"] > 0
        assert each["figure"]["statements_a_call"] > 0
        assert each["limit"]["done"] > 0
    assert "met" in ran.stdout or "missed" in ran.stdout
