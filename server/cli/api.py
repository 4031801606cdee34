"""`ambassade api`: serve HTTP."""

import socket
from pathlib import Path
from typing import Any

import click
import uvicorn

from server.cli.connected import data_dir_option, lead_to
from server.embedded.servers import servers

APP = "server.app:create_app"
OPTIONS: dict[str, Any] = {
    "factory": True,
    "loop": "uvloop",
    "http": "server.wire:LimitedProtocol",
    # No request inherits what another one had in its context.
    "reset_contextvars": True,
    # Sockets have a process of their own.
    "ws": "none",
    "lifespan": "on",
    # A request that still runs then is cut; whoever supervises waits a little longer.
    "timeout_graceful_shutdown": 10,
    "log_config": None,
    "access_log": False,
    "server_header": False,
    # The application reads the client's address: it knows the trusted proxy.
    "proxy_headers": False,
}


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, help="The port to listen on.")
@click.option("--processes", default=1, show_default=True, help="How many serve side by side.")
@click.option("--socket-fd", type=int, help="Listen on an open socket that was handed down.")
@data_dir_option
def api(host: str, port: int, processes: int, socket_fd: int | None, data_dir: Path) -> None:
    """Serve HTTP.

    Without DATABASE_URL and REDIS_URL it uses the servers that `ambassade run` runs on the
    same data folder, or starts them for itself.
    """
    with servers(data_dir) as found:
        lead_to(found)
        if socket_fd is None:
            uvicorn.run(APP, host=host, port=port, workers=processes, **OPTIONS)
            return
        server = uvicorn.Server(uvicorn.Config(APP, **OPTIONS))
        server.run(sockets=[socket.socket(fileno=socket_fd)])
        if not server.started:
            raise SystemExit(1)
