import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
CONFIGURATION = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]
NOT_LAYERS = {"tests", "benchmarks", "examples"}


def packages():
    """The top-level packages of the project."""
    return {path.parent.name for path in PROJECT.glob("*/__init__.py")} - NOT_LAYERS


@pytest.mark.parametrize(
    "declared",
    [
        pytest.param(CONFIGURATION["importlinter"]["root_packages"], id="import-linter's roots"),
        pytest.param(CONFIGURATION["importlinter"]["contracts"][0]["layers"], id="the contract"),
        pytest.param(
            [
                name.rstrip("*")
                for name in CONFIGURATION["setuptools"]["packages"]["find"]["include"]
            ],
            id="what is installed",
        ),
    ],
)
def test_every_package_has_its_layer(declared):
    """import-linter's `exhaustive` knows only layers inside a package, and ours are packages."""
    assert set(declared) == packages()
