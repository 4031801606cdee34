"""What keeps the embedded servers from running. Each message says what to do about it."""


class ServersError(Exception):
    """The embedded servers can't be used."""


class NoAccount(ServersError):
    """Root found no ordinary user to run the servers as."""


class NoProgram(ServersError):
    """A server's program is missing or doesn't run here."""


class DidNotStart(ServersError):
    """A server ended, or said nothing, instead of getting ready."""


class OtherVersion(ServersError):
    """The data were made by another major version of PostgreSQL."""


class DataInUse(ServersError):
    """Another command runs the servers of this data folder."""


class NotOurData(ServersError):
    """The data folder belongs to another user."""
