"""Who runs a command, as the audit trail names them."""

import getpass

from ground.callers import Caller, CallerKind
from ground.roles import Role


def operator() -> Caller:
    """The account on this machine. It has the database, so it may do everything."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "unknown"
    return Caller(kind=CallerKind.OPERATOR, role=Role.ADMIN, name=name)
