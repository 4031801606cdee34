"""`ambassade sandbox`: Firebase on this machine, for development."""

import os
import socket
from typing import Any

import click
import uvicorn

from server.cli.connected import settings_of_a_command

APP = "server.sandbox.app:create_sandbox"
OPTIONS: dict[str, Any] = {
    "factory": True,
    "http": "httptools",
    "ws": "none",
    "lifespan": "off",
    "timeout_graceful_shutdown": 1,
    "log_config": None,
    "access_log": False,
    "server_header": False,
    "proxy_headers": False,
}


@click.command()
@click.option("--port", default=8002, show_default=True, help="The port to listen on.")
@click.option("--socket-fd", type=int, help="Listen on an open socket that was handed down.")
def sandbox(port: int, socket_fd: int | None) -> None:
    """Stand in for Firebase: take pushes, refuse what Firebase refuses, and show the phones.

    It listens on this machine only. PUSH_SANDBOX_URL=http://127.0.0.1:8002 leads a worker to it.
    """
    if settings_of_a_command(os.environ).in_production:
        raise click.UsageError("the sandbox stands in for Firebase in development only.")
    if socket_fd is None:
        uvicorn.run(APP, host="127.0.0.1", port=port, **OPTIONS)
        return
    server = uvicorn.Server(uvicorn.Config(APP, **OPTIONS))
    server.run(sockets=[socket.socket(fileno=socket_fd)])
    if not server.started:
        raise SystemExit(1)
