"""What is said of pushing over HTTP."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from notifications.push.faults import Fault
from notifications.push.gate import Gate
from notifications.push.service import Standing


class State(StrEnum):
    """Whether anything is sent to a project."""

    RUNNING = "running"
    HELD = "held"
    STOPPED = "stopped"


ADVICE: Final = {
    Fault.SENDER_ID_MISMATCH: (
        "The apps register with another Firebase project than the one that sends. Compare the "
        "service account with the configuration in the apps, then resume."
    ),
    Fault.THIRD_PARTY_AUTH: (
        "Apple or a browser's maker refuses Firebase. Renew the APNs key, or the web push "
        "certificate, in the Firebase console, then resume."
    ),
    Fault.NOT_PERMITTED: (
        "The service account may not send. Give it the role Firebase Cloud Messaging API Admin, "
        "then resume."
    ),
    Fault.UNAUTHENTICATED: (
        "Google gives out no access token, or doesn't accept it. It is tried again by itself; if "
        "it lasts, look at the service account and at the clock of the server."
    ),
}
PASSES: Final = "It passes by itself."


class ProjectView(msgspec.Struct, frozen=True, kw_only=True):
    """How it stands with a Firebase project."""

    project: Annotated[
        str, Meta(max_length=120, description="As Firebase calls it.", examples=["a-brand"])
    ]
    state: Annotated[
        State, Meta(description="`held` passes by itself; `stopped` lasts until somebody resumes.")
    ]
    because: Annotated[Fault | None, Meta(description="What Firebase answered. Null if it runs.")]
    stopped_at: datetime | None
    held_until: Annotated[
        datetime | None, Meta(description="Nothing is sent before, as Firebase asked for.")
    ]
    advice: Annotated[
        str,
        Meta(
            max_length=300,
            description="What to do about it; empty if it runs.",
            examples=[PASSES],
        ),
    ]

    @classmethod
    def of(cls, gate: Gate, now: datetime) -> "ProjectView":
        stopped, held = gate.stopped_at is not None, bool(gate.waits(now))
        said = gate.stopped_because if stopped else gate.held_because
        because = Fault(said) if held else None
        return cls(
            project=gate.project,
            state=State.STOPPED if stopped else State.HELD if held else State.RUNNING,
            because=because,
            stopped_at=gate.stopped_at,
            held_until=gate.held_until if held and not stopped else None,
            advice="" if because is None else ADVICE.get(because, PASSES),
        )


class PushView(msgspec.Struct, frozen=True, kw_only=True):
    """How it stands with pushes to phones."""

    waiting: Annotated[
        int,
        Meta(
            ge=0,
            description="Pushes that haven't left. Each is given up when its time is over; the "
            "message stays in the inbox.",
        ),
    ]
    items: Annotated[
        list[ProjectView],
        Meta(description="The Firebase projects that were sent to. None: nothing is pushed here."),
    ]

    @classmethod
    def of(cls, standing: Standing, now: datetime) -> "PushView":
        projects = [ProjectView.of(each, now) for each in standing.gates]
        return cls(waiting=standing.waiting, items=projects)
