"""Channels, what was said on them, and what tickers said last."""

from piccolo.columns import BigInt, BigSerial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table


class AnnouncementChannel(Table, tablename="announcement_channel"):
    """How far a channel is. Its row is the last thing that a transaction locks.

    A member's own channel has a row once somebody subscribed to it, and not before: what nobody
    ever listened to isn't written. Who begins anew after losing history does so in a new epoch.
    """

    channel = Varchar(length=120, primary_key=True)
    position = BigInt(default=0)
    epoch = Varchar(length=40)


class Announcement(Table, tablename="announcement"):
    """An event at its position, kept for a while for those who come back.

    Ids rise along each channel, because the channel's row is locked when they are drawn.
    """

    id = BigSerial(primary_key=True)
    channel = Varchar(length=120)
    position = BigInt()
    type = Varchar(length=60)
    data = Text()
    said_at = Timestamptz()
    relayed_at = Timestamptz(null=True, default=None)

    one_event_a_position = Unique([channel, position])


class AnnouncementTold(Table, tablename="announcement_told"):
    """What a ticker last told a channel, to tell only what changed since."""

    channel = Varchar(length=120, primary_key=True)
    told = Text(default="")
    told_at = Timestamptz()
