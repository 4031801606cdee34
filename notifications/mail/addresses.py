"""Who wants mail, and where. An address is known as long as it is wanted."""

import secrets
from collections.abc import Collection
from typing import Final
from uuid import UUID

import asyncpg

from ground import clock
from ground.engine import execute, fetchrow, fetchval
from ground.unit_of_work import unit_of_work
from notifications.mail.door import mailing
from notifications.mail.errors import AddressNotProved, MailNotSetUp

# So many mails in a row that were refused for good: nobody is there.
ENOUGH: Final = 3


async def choose(member_id: UUID, address: str | None) -> None:
    """Write to a member there from now on. It is the address that their sign-in proved."""
    if mailing() is None:
        raise MailNotSetUp
    if address is None:
        raise AddressNotProved
    async with unit_of_work():
        # Leaving takes the preferences away, and waits for this.
        if not await fetchval(
            "SELECT true FROM preferences WHERE member_id = $1 FOR KEY SHARE", member_id
        ):
            raise AddressNotProved
        await execute(
            """
            INSERT INTO mail_address (member_id, token, address, chosen_at, failures)
            VALUES ($1, $2, $3, $4, 0)
            ON CONFLICT (member_id) DO UPDATE SET address = excluded.address,
                chosen_at = excluded.chosen_at, failures = 0, refused_at = NULL
            """,
            member_id,
            secrets.token_urlsafe(32),
            address,
            clock.now(),
        )


async def of_member(member_id: UUID) -> asyncpg.Record | None:
    """Where a member wants mail."""
    return await fetchrow(
        "SELECT address, refused_at FROM mail_address WHERE member_id = $1", member_id
    )


async def stop(member_id: UUID) -> None:
    """Write to a member no more."""
    await execute(
        "UPDATE mail_address SET address = NULL, refused_at = NULL WHERE member_id = $1", member_id
    )


async def stop_by(token: str) -> bool:
    """Write no more to whom this was written. Return whether somebody is known by it."""
    return bool(
        await fetchval(
            """
            UPDATE mail_address SET address = NULL, refused_at = NULL
            WHERE token = $1 RETURNING true
            """,
            token,
        )
    )


async def is_known(token: str) -> bool:
    """Whether this leads to somebody."""
    return bool(await fetchval("SELECT true FROM mail_address WHERE token = $1", token))


async def note(reached: Collection[UUID], refused: Collection[UUID]) -> None:
    """Remember who was reached, and whose address was refused for good."""
    await execute(
        """
        UPDATE mail_address SET failures = CASE WHEN member_id = ANY($1::uuid[]) THEN 0
                ELSE failures + 1 END,
            refused_at = CASE WHEN member_id = ANY($2::uuid[]) AND failures + 1 >= $3 THEN $4
                ELSE refused_at END
        WHERE member_id = ANY($1::uuid[] || $2::uuid[])
        """,
        list(reached),
        list(refused),
        ENOUGH,
        clock.now(),
    )


async def forget(member_id: UUID) -> None:
    """Forget where a member was written to: they left."""
    await execute("DELETE FROM mail_address WHERE member_id = $1", member_id)
