"""What is said about mail over HTTP."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

Address = Annotated[str, Meta(max_length=254, examples=["camille@example.com"])]


class MailView(msgspec.Struct, frozen=True, kw_only=True):
    """Whether you are written to, and where. `available` says whether mail is sent here at all.

    From `refused_at` on nothing is sent: the address didn't take several mails in a row.
    """

    available: bool
    wanted: bool
    address: Address | None
    refused_at: datetime | None
