"""`ambassade doctor`: say what is missing here, and what to do about it."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
import redis
from redis.asyncio import Redis

from ground.engine import fetchval
from ground.valkey import client
from notifications.mail.transport import MailAway, Smtp, transport_in
from notifications.push import gate
from server import schema
from server.cli.connected import data_dir_option, run_with, settings_of_a_command
from server.config import Settings, SettingsRefused
from server.embedded.errors import ServersError
from server.embedded.servers import servers
from server.rights import ADVICE, ONLY_TRIGGERS, rights

OLDEST_PYTHON = (3, 11)
OLDEST_POSTGRES = 15
OLDEST_VALKEY, OLDEST_REDIS = 8, 7


class Finding(NamedTuple):
    """One thing that was looked at. `advice` is there when something has to be done.

    It works without what is only a note.
    """

    what: str
    advice: str = ""
    only_a_note: bool = False

    @property
    def is_missing(self) -> bool:
        return bool(self.advice) and not self.only_a_note

    @property
    def mark(self) -> str:
        if self.is_missing:
            return "MISSING"
        return "note" if self.only_a_note else "ok"


@click.command()
@data_dir_option
def doctor(data_dir: Path) -> None:
    """Look at everything Ambassade needs, and say what to do about what is missing."""
    findings = [*look_around(), *look_at_mail(), *look_at_servers(data_dir)]
    for finding in findings:
        click.echo(f"{finding.mark:<9}{finding.what}")
        if finding.advice:
            click.echo(f"{'':<9}{finding.advice}")
    if any(finding.is_missing for finding in findings):
        raise SystemExit(1)


def look_around() -> Iterator[Finding]:
    """What needs no server."""
    version = ".".join(map(str, sys.version_info[:3]))
    new_enough = sys.version_info[:2] >= OLDEST_PYTHON
    yield Finding(f"Python {version}", "" if new_enough else "Use Python 3.11 or newer.")
    try:
        ZoneInfo("Europe/Paris")
        yield Finding("Time zones")
    except ZoneInfoNotFoundError:
        yield Finding("Time zones", "Install the package tzdata: make setup does.")
    try:
        settings = settings_of_a_command(os.environ)
        yield Finding(f"Settings for {settings.environment}")
    except SettingsRefused as refused:
        for reason in refused.reasons:
            yield Finding("Settings", f"{reason} See .env.example.")


def look_at_mail() -> Iterator[Finding]:
    """Whether mail gets through, if it should. Settings that are refused were told before."""
    with suppress(SettingsRefused):
        yield asyncio.run(mail_of(settings_of_a_command(os.environ)))


async def mail_of(settings: Settings) -> Finding:
    """Whether the mail server lets us in. Nothing is sent."""
    if not settings.smtp_url and not settings.in_production:
        return Finding("Mails stay in the data folder, under ambassade run")
    if not settings.smtp_url:
        note = "Set SMTP_URL and MAIL_FROM, if members may choose digests by mail."
        return Finding("No mail is sent", note, only_a_note=True)
    to = transport_in(settings.smtp_url)
    if to.folder:
        return Finding(f"Mails are kept in {to.folder}")
    try:
        await Smtp(to).try_out()
    except MailAway as away:
        return Finding(f"No mail leaves through {to.host}: {away}", "See SMTP_URL in .env.example.")
    return Finding(f"Mail leaves through {to.host}")


def look_at_servers(data_dir: Path) -> list[Finding]:
    """What needs PostgreSQL and Valkey."""
    try:
        with servers(data_dir) as found:
            return run_with(found, _ask_servers)
    except ServersError as error:
        return [Finding("PostgreSQL and Valkey", str(error))]


async def _ask_servers() -> list[Finding]:
    questions: list[Callable[[], Awaitable[Finding]]] = [_postgres, _migrations, _rights, _valkey]
    if not await schema.pending():
        questions.append(_pushes)
    return [await question() for question in questions]


async def _postgres() -> Finding:
    version = int(await fetchval("SHOW server_version_num")) // 10000
    encoding = await fetchval("SHOW server_encoding")
    if version < OLDEST_POSTGRES:
        return Finding(f"PostgreSQL {version}", f"Use PostgreSQL {OLDEST_POSTGRES} or newer.")
    if encoding != "UTF8":
        return Finding(f"The database is in {encoding}", "Make it with ENCODING 'UTF8'.")
    return Finding(f"PostgreSQL {version}")


async def _migrations() -> Finding:
    lacking = await schema.pending()
    if lacking:
        return Finding(f"{len(lacking)} migrations are pending", "Run: ambassade migrate")
    return Finding("Migrations")


async def _rights() -> Finding:
    found = await rights()
    if found is None:
        return Finding("What is only ever added to has no tables yet", "Run: ambassade migrate")
    if found.shut_out:
        return Finding(f"{found.role} may not use the tables", "Run: ambassade migrate")
    if found.can_change:
        return Finding(ONLY_TRIGGERS, ADVICE, only_a_note=True)
    return Finding(f"{found.role} can't change the audit trail")


async def _pushes() -> Finding:
    for closed in await gate.closed():
        advice = "Mend it, then run: ambassade push resume" if closed.stopped_at else "It passes."
        return Finding(
            f"Pushes to {closed.project} are {closed.says()}",
            advice,
            only_a_note=closed.stopped_at is None,
        )
    return Finding("Pushes may leave")


async def _valkey() -> Finding:
    valkey: Redis = client()
    try:
        about = await valkey.info("server")
    except redis.RedisError as error:
        return Finding("Valkey", f"It doesn't answer at REDIS_URL: {error}")
    name, oldest = (
        ("Valkey", OLDEST_VALKEY) if "valkey_version" in about else ("Redis", OLDEST_REDIS)
    )
    version = str(about.get("valkey_version", about["redis_version"]))
    new_enough = int(version.partition(".")[0]) >= oldest
    return Finding(f"{name} {version}", "" if new_enough else f"Use {name} {oldest} or newer.")
