"""`ambassade catalogue`: it says what is wrong, publishes what changed, and lists it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gamification.catalogue.publishing import DEFAULT

# Each starts several processes.
pytestmark = pytest.mark.long

WRONG = """
[[badge]]
slug = "helper"
name = { fr = "Aide", en = "Helper" }
description = { fr = "Aide", en = "Helper" }
criteria = { term = "count", kind = "anwser", at_least = 1 }
"""


@pytest.fixture(scope="module")
def url(make_database):
    return make_database()


def ambassade(*arguments: str | Path, url: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server", "catalogue", *map(str, arguments)]
    servers = {"DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:1"} if url else {}
    return subprocess.run(command, env=os.environ | servers, capture_output=True, text=True)


def test_a_catalogue_without_mistakes_needs_no_server():
    checked = ambassade("check", DEFAULT)

    assert checked.returncode == 0
    assert checked.stdout == (
        "Nothing is wrong. It holds 12 kinds, 18 badges, 4 tiers, 5 boards.\n"
    )


def test_each_mistake_is_told_with_its_place(tmp_path):
    (tmp_path / "wrong.toml").write_text(WRONG)
    checked = ambassade("check", tmp_path / "wrong.toml")

    assert checked.returncode == 1
    assert "/badge/0/criteria/kind: There is no kind 'anwser'" in checked.stderr
    assert "Traceback" not in checked.stderr


def test_a_catalogue_is_loaded_listed_and_retired_from(url, tmp_path):
    loaded = ambassade("load", DEFAULT, "--to-the-past", url=url)
    again = ambassade("load", DEFAULT, url=url)
    beside = ambassade("load", DEFAULT, "--prefix", "site", url=url)
    retired = ambassade("retire", "badge", "explorer", url=url)
    listed = ambassade("list", url=url)

    assert "published  badge helper-1, version 1" in loaded.stdout
    assert again.stdout == "Nothing changed.\n"
    assert "published  badge site:helper-1, version 1" in beside.stdout
    assert "retired  badge explorer, version 2" in retired.stdout
    assert "badge  site:explorer" in listed.stdout
    assert "badge  explorer" not in listed.stdout


def test_what_cannot_be_done_ends_with_a_reason(url, tmp_path):
    (tmp_path / "wrong.toml").write_text(WRONG)

    for arguments, reason in (
        (["load", tmp_path / "wrong.toml"], "no kind 'anwser'"),
        (["load", DEFAULT, "--prefix", "Not One"], "small letters"),
        (["load", tmp_path / "absent.toml"], "does not exist"),
        (["retire", "badge", "nobody"], "There is no badge nobody"),
    ):
        failed = ambassade(*arguments, url=url)

        assert failed.returncode != 0
        assert reason in failed.stderr
        assert "Traceback" not in failed.stderr


NEW = """
[[kind]]
slug = "unboxing"
name = { fr = "déballage", en = "unboxing" }

[[badge]]
slug = "unboxer"
name = { fr = "Déballe", en = "Unboxer" }
description = { fr = "Déballe", en = "Unboxer" }
criteria = { term = "count", kind = "unboxing", at_least = 1 }
"""


def test_a_catalogue_is_previewed_published_in_steps_rolled_back_and_exported(
    make_database, tmp_path
):
    url = make_database()
    (tmp_path / "new.toml").write_text(NEW)
    ambassade("load", DEFAULT, url=url)
    previewed = ambassade("preview", tmp_path / "new.toml", "--to-the-past", url=url)
    published = ambassade("publish", tmp_path / "new.toml", "--to-the-past", url=url)
    again = ambassade("publish", tmp_path / "new.toml", "--to-the-past", url=url)
    exported = ambassade("export", "--output", tmp_path / "out.toml", url=url)
    checked = ambassade("check", tmp_path / "out.toml")
    rolled_back = ambassade("roll-back", "2", url=url)
    listed = ambassade("publications", url=url)

    assert previewed.stdout == "Nobody would earn or lose anything.\n"
    assert published.stdout.startswith("Publication 2 is done.")
    assert again.stdout == "Nothing changed.\n"
    assert exported.returncode == 0
    assert "13 kinds, 19 badges" in checked.stdout
    assert rolled_back.stdout.startswith("Publication 2 is rolled back.")
    assert "rolled_back" in listed.stdout
    assert "kind unboxing, badge unboxer" in listed.stdout
    gone = ambassade("roll-back", "4711", url=url)
    assert gone.returncode == 1
    assert "There is no such publication" in gone.stderr
