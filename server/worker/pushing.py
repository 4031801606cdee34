"""Leads the worker to Firebase, or to the sandbox that stands in for it."""

import asyncio

import structlog

from notifications.push.firebase import CredentialsRefused, Firebase
from notifications.push.outgoing import hand_on_regularly
from notifications.push.sending import Sender
from server.config import Settings, SettingsRefused
from server.sandbox.account import service_account

log = structlog.get_logger(__name__)


def firebase_of(settings: Settings) -> Firebase | None:
    """The project that members' phones are reached through, if there is one."""
    public_url = settings.public_url
    key = settings.firebase_credentials or settings.google_application_credentials
    if key is not None:
        try:
            return Firebase(key, public_url=public_url)
        except CredentialsRefused as failure:
            raise SettingsRefused([f"FIREBASE_CREDENTIALS: {failure}."]) from failure
    sandbox = settings.push_sandbox_url
    if sandbox is not None:
        return Firebase(service_account(sandbox), base=sandbox, public_url=public_url)
    return None


async def push_regularly(firebase: Firebase | None) -> None:
    """Empty the outbox onto members' devices, for as long as the worker lives.

    Without a project to send to, what is for the inbox still gets there.
    """
    if firebase is None:
        log.info("push_not_set_up", advice="FIREBASE_CREDENTIALS names a service account's key")
        await hand_on_regularly()
        return
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(hand_on_regularly())
            group.create_task(Sender(firebase).send_regularly())
    finally:
        firebase.close()
