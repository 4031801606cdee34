"""What managers say and read of publications."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from gamification.catalogue.definitions import What
from gamification.catalogue.drafts.views import Actor, ETag
from gamification.catalogue.releases.release import Phase, Refusal, Release, State
from gamification.catalogue.releases.service import Seen

ToThePast = Annotated[
    bool,
    Meta(
        description="Whether criteria look at all that ever happened, also unchanged ones that "
        "didn't so far; else at what happens from then on."
    ),
]


class DraftSeen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A draft, as the caller has seen it."""

    what: What
    slug: Annotated[str, Meta(min_length=1, max_length=80, examples=["helper-2"])]
    etag: ETag


class PublicationWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall come into force together."""

    drafts: Annotated[list[DraftSeen], Meta(min_length=1, max_length=2000)]
    to_the_past: ToThePast = False
    at: (
        Annotated[
            datetime, Meta(tz=True, description="When; else at once. Criteria count from then.")
        ]
        | None
    ) = None

    @property
    def seen(self) -> list[Seen]:
        return [(draft.what, draft.slug, draft.etag) for draft in self.drafts]


class ChangeView(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a publication changes."""

    what: What
    slug: Annotated[str, Meta(max_length=80, examples=["helper-2"])]
    retires: Annotated[bool, Meta(description="Whether it is taken out of the catalogue.")]


class ProgressView(msgspec.Struct, frozen=True, kw_only=True):
    """How far the present phase has come."""

    members_done: int
    members_total: Annotated[int, Meta(description="About how many there are.")]


class PublicationView(msgspec.Struct, frozen=True, kw_only=True):
    """A publication: what, by whom, and how far it has come.

    `waiting` for its moment; `running` until it is `done`; `failed` when the catalogue had
    changed so that it couldn't come into force; `going_back` until it is `rolled_back`.
    First the past is `counting`, while what was in force stays in force. Then it takes over in
    one moment, `in_force_at`, and goes on `deciding` anew about member after member.
    """

    id: Annotated[str, Meta(max_length=20, examples=["17"])]
    state: State
    phase: Phase | None
    progress: ProgressView | None
    changes: list[ChangeView]
    to_the_past: ToThePast
    at: Annotated[datetime | None, Meta(description="The moment that was asked for.")]
    asked_by: Actor
    asked_at: datetime
    in_force_at: datetime | None
    rolled_back_by: Actor | None
    finished_at: datetime | None
    decided: Annotated[
        int, Meta(description="How many awards and tiers of members were decided again so far.")
    ]
    problem: Annotated[
        Refusal | None, Meta(description="Why it couldn't come into force, or go back.")
    ]

    @classmethod
    def of(cls, release: Release) -> "PublicationView":
        progress = ProgressView(
            members_done=release.members_done, members_total=release.members_total
        )
        return cls(
            id=str(release.id),
            state=release.state,
            phase=release.phase,
            progress=progress if release.at_work else None,
            changes=[
                ChangeView(what=each.what, slug=each.slug, retires=each.definition is None)
                for each in release.changes
            ],
            to_the_past=release.to_the_past,
            at=release.due_at,
            asked_by=release.asked_by,
            asked_at=release.asked_at,
            in_force_at=release.in_force_at,
            rolled_back_by=release.rolled_back_by,
            finished_at=release.finished_at,
            decided=release.decided,
            problem=release.problem,
        )
