"""`ambassade live`: serve sockets."""

import asyncio
import os
import resource
import socket
from pathlib import Path

import click
import uvloop

from server.cli.connected import data_dir_option, lead_to
from server.config import Settings
from server.embedded.servers import servers
from server.live.process import run_live
from server.logging import configure_logging
from server.programme import apply_programme

FILES = 65_536


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8001, show_default=True, help="The port to listen on.")
@click.option("--socket-fd", type=int, help="Listen on an open socket that was handed down.")
@data_dir_option
def live(host: str, port: int, socket_fd: int | None, data_dir: Path) -> None:
    """Serve sockets: what happens in the community, as it happens.

    Run as many as you like. SIGTERM closes all sockets and says when to come back.
    """
    allow_many_sockets()
    with servers(data_dir) as found:
        lead_to(found)
        settings = Settings.from_environment(os.environ)
        configure_logging(settings)
        apply_programme(settings)
        listener = _listener(host, port) if socket_fd is None else socket.socket(fileno=socket_fd)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run_live(settings, listener))


def allow_many_sockets(wanted: int = FILES) -> None:
    """Let each socket be an open file: many systems give 1,024, and more to who asks."""
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise click.ClickException(
            f"Can't listen on {host} port {port}: {error.strerror}. Name another with --port."
        ) from error
    return listener
