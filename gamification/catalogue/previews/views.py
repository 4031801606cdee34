"""What managers say and read of previews."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from gamification.catalogue.drafts.views import Actor
from gamification.catalogue.previews.service import Numbers, Preview, State
from gamification.catalogue.releases.service import Seen
from gamification.catalogue.releases.views import (
    ChangeView,
    DraftSeen,
    ProgressView,
    ToThePast,
)


class PreviewWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of what a preview shall be."""

    drafts: Annotated[
        Annotated[list[DraftSeen], Meta(min_length=1, max_length=2000)] | None,
        Meta(description="Without it, all drafts as they are."),
    ] = None
    to_the_past: ToThePast = False

    @property
    def seen(self) -> list[Seen] | None:
        if self.drafts is None:
            return None
        return [(draft.what, draft.slug, draft.etag) for draft in self.drafts]


class PreviewView(msgspec.Struct, frozen=True, kw_only=True):
    """What a publication would do. Nothing of it happens.

    `running` until it is `done`. `outdated`: something was published meanwhile, so ask for
    another. `too_long`: it was given up after half an hour. In `numbers` is every badge and
    tier that would be decided anew, as far as members were looked at.
    """

    id: Annotated[str, Meta(max_length=20, examples=["17"])]
    state: State
    progress: ProgressView
    changes: list[ChangeView]
    to_the_past: ToThePast
    numbers: list[Numbers]
    asked_by: Actor
    asked_at: datetime
    expires_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, preview: Preview) -> "PreviewView":
        return cls(
            id=str(preview.id),
            state=preview.state,
            progress=ProgressView(
                members_done=preview.members_done, members_total=preview.members_total
            ),
            changes=[
                ChangeView(what=each.what, slug=each.slug, retires=each.definition is None)
                for each in preview.changes
            ],
            to_the_past=preview.to_the_past,
            numbers=preview.numbers,
            asked_by=preview.asked_by,
            asked_at=preview.asked_at,
            expires_at=preview.expires_at,
            finished_at=preview.finished_at,
        )
