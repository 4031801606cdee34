"""`ambassade sandbox`: Firebase and a letter box on this machine, for development."""

import os
import socket
from typing import Any

import click
import uvicorn

from notifications.mail.transport import transport_in
from server.cli.connected import settings_of_a_command
from server.sandbox.app import Sandbox

OPTIONS: dict[str, Any] = {
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
    Mails are shown beside the phones, where SMTP_URL keeps them in a folder.
    """
    settings = settings_of_a_command(os.environ)
    if settings.in_production:
        raise click.UsageError("the sandbox stands in for Firebase in development only.")
    app = Sandbox(transport_in(settings.smtp_url).folder if settings.smtp_url else "")
    if socket_fd is None:
        uvicorn.run(app, host="127.0.0.1", port=port, **OPTIONS)
        return
    server = uvicorn.Server(uvicorn.Config(app, **OPTIONS))
    server.run(sockets=[socket.socket(fileno=socket_fd)])
    if not server.started:
        raise SystemExit(1)
