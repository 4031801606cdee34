"""`ambassade worker`: do the work that waits."""

import asyncio
import signal
from pathlib import Path

import click

from server.cli.connected import data_dir_option, run_with
from server.embedded.servers import servers
from server.worker.app import run_worker


@click.command()
@data_dir_option
def worker(data_dir: Path) -> None:
    """Do the work that waits: jobs, and what was promised for later.

    Run as many as you like. SIGTERM lets the jobs at hand finish.
    """
    with servers(data_dir) as found:
        run_with(found, _work_until_told_to_stop)


async def _work_until_told_to_stop() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run_worker(stop)
