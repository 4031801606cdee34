"""Serve the product with cProfile at hand: `python -m benchmarks.profiled FILE --port 8001`.

It begins with SIGUSR1, so that starting is not in it, and is written when the process ends.
"""

import cProfile
import signal
import sys
from types import FrameType

from server.cli.api import api


def main() -> None:
    """Serve, and write down where the time went."""
    # uvicorn ends in order, and then lets the signal do what it does here.
    signal.signal(signal.SIGTERM, end)
    profile = cProfile.Profile()
    signal.signal(signal.SIGUSR1, lambda *_: profile.enable())
    try:
        api.main(sys.argv[2:], standalone_mode=False)
    finally:
        profile.disable()
        profile.dump_stats(sys.argv[1])


def end(_signal: int, _frame: FrameType | None) -> None:
    """Leave by the door, so that what is to be written is written."""
    raise SystemExit


if __name__ == "__main__":
    main()
