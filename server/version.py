"""Which version runs."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("ambassade")
except PackageNotFoundError:
    # A checkout that was never installed.
    VERSION = "0.0.0"
