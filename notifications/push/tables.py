"""What is being pushed, and whether anything may be."""

from enum import StrEnum

from piccolo.columns import JSONB, UUID, BigInt, BigSerial, Integer, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class PushState(StrEnum):
    """What became of a push to a device."""

    DUE = "due"
    # Committed before it leaves: whoever finds it later knows that it may have arrived.
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    # It wasn't wanted any more when its turn came.
    DROPPED = "dropped"


class PushDelivery(Table, tablename="push_delivery"):
    """One notification to one device.

    `due_at` is when it is anybody's: to be sent, or to be taken over from whoever holds it.
    `repeats` counts the times after which nobody knows whether it had arrived.
    """

    id = BigSerial(primary_key=True)
    outbox_id = BigInt(default=None, null=False)
    notification_id = BigInt(default=None, null=False, index=True)
    member_id = UUID(default=None, null=False)
    device_id = UUID(default=None, null=False)
    push = JSONB(default=None, null=False)
    state = Varchar(length=10, default="due")
    due_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False, index=True)
    # By whom it is held, for as long as it is being sent.
    claim = UUID(null=True, default=None)
    tries = Integer(default=0)
    repeats = Integer(default=0)
    fault = Varchar(length=30, default="")
    done_at = Timestamptz(null=True, default=None)

    push_state_is_known = Check("state IN ('due', 'sending', 'sent', 'failed', 'dropped')")
    only_what_is_sent_is_held = Check("(state = 'sending') = (claim IS NOT NULL)")
    once_to_a_device = Unique(["outbox_id", "device_id"])


class PushGate(Table, tablename="push_gate"):
    """Whether anything may be sent to a Firebase project; for all workers."""

    project = Varchar(length=120, primary_key=True)
    # Nobody sends until then: Firebase asked for it, or isn't well.
    held_until = Timestamptz(null=True, default=None)
    held_times = Integer(default=0)
    held_because = Varchar(length=30, default="")
    # Nobody sends until somebody has looked.
    stopped_at = Timestamptz(null=True, default=None)
    stopped_because = Varchar(length=30, default="")
