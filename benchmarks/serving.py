"""Serve an application with the flags with which `ambassade api` serves the product."""

import sys

import uvicorn

from server.cli.api import OPTIONS


def main() -> None:
    """`python -m benchmarks.serving benchmarks.bare:create_app 8001`."""
    application, port = sys.argv[1:]
    uvicorn.run(application, host="127.0.0.1", port=int(port), **OPTIONS)


if __name__ == "__main__":
    main()
