"""`ambassade staff`: who runs the programme."""

from pathlib import Path

import click

from community.members import staff as members_staff
from community.members.errors import MemberNotFound
from community.members.staff import Pending, StaffMember
from ground.roles import Role
from server.cli.connected import connected, data_dir_option
from server.cli.operator import operator

ROLES = [role.value for role in Role if role is not Role.AMBASSADOR]
WHO = "Their e-mail address, their Firebase uid, or their member id."


@click.group()
def staff() -> None:
    """Say who runs the programme: moderators, managers, admins."""


@staff.command()
@click.argument("who")
@click.option("--role", type=click.Choice(ROLES), default=Role.ADMIN.value, show_default=True)
@data_dir_option
def add(*, who: str, role: str, data_dir: Path) -> None:
    """Give WHO a role. Makes the first admin.

    WHO is an e-mail address, a Firebase uid, or a member id.
    """
    given = connected(data_dir, lambda: members_staff.grant(who.strip(), Role(role), by=operator()))
    click.echo(_said_of(given))


@staff.command("list")
@data_dir_option
def list_staff(*, data_dir: Path) -> None:
    """List everybody with a role, and the roles that wait for somebody."""
    present, pending = connected(data_dir, _everybody)
    for member in present:
        click.echo(f"{member.role:<10}{member.member_id}  {member.display_name}")
    for grant in pending:
        click.echo(f"{grant.role:<10}{grant.subject}  until {grant.expires_at:%Y-%m-%d %H:%M} UTC")
    if not any(member.role is Role.ADMIN for member in present):
        click.echo("Nobody is admin. Make one: ambassade staff add WHO")


@staff.command()
@click.argument("who")
@data_dir_option
def remove(*, who: str, data_dir: Path) -> None:
    """Take the role from WHO. They stay a member."""

    async def withdraw() -> tuple[StaffMember | None, bool]:
        member = await members_staff.withdraw(who.strip(), by=operator())
        present = await members_staff.present()
        return member, any(other.role is Role.ADMIN for other in present)

    try:
        member, admins = connected(data_dir, withdraw)
    except MemberNotFound as error:
        raise click.ClickException(
            f"Nobody with a role is known as {who}. See: ambassade staff list"
        ) from error
    if member is None:
        click.echo("The role that waited for them is withdrawn.")
    else:
        click.echo(f"{member.display_name} ({member.member_id}) has no role any more.")
    if not admins:
        click.echo("Nobody is admin now. Make one: ambassade staff add WHO")


async def _everybody() -> tuple[list[StaffMember], list[Pending]]:
    return await members_staff.present(), await members_staff.pending()


def _said_of(given: StaffMember | Pending) -> str:
    if isinstance(given, StaffMember):
        return (
            f"{given.display_name} ({given.member_id}) is {given.role} now.\n"
            "It holds within five seconds; they needn't sign in again."
        )
    kind, _, name = given.subject.partition(":")
    proof = "that verified address" if kind == "address" else "that uid"
    return (
        f"{given.role} waits for {name} until {given.expires_at:%Y-%m-%d %H:%M} UTC.\n"
        f"Next: sign in to Firebase with {proof} and join with POST /v1/members.\n"
        "Who is a member already, and was named by address, sends POST /v1/me/claims with {}."
    )
