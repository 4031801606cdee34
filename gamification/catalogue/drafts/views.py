"""What managers read of the catalogue."""

from datetime import datetime
from typing import Annotated, Generic, TypeVar, cast

import msgspec
from msgspec import Meta

from gamification.catalogue.definitions import Words
from gamification.catalogue.drafts.thing import Thing
from gamification.catalogue.history import Version

D = TypeVar("D")

ETag = Annotated[
    str,
    Meta(
        max_length=60,
        description="Another one after each publication and each save.",
        examples=['"3-17"'],
    ),
]
Actor = Annotated[
    str,
    Meta(
        max_length=80,
        description="Who did it, as the audit trail names them.",
        examples=["member:6f1d3c0a-5b7e-4c55-9a52-2f8c1f0b7d11"],
    ),
]


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A thing of the catalogue in a list: what is published of it, and whether it has a draft."""

    slug: Annotated[str, Meta(max_length=80, examples=["helper-2"])]
    name: Words
    version: Annotated[int, Meta(description="The version in force; 0 for none.")]
    retired: bool
    published_at: datetime | None
    has_draft: bool
    retires: Annotated[bool, Meta(description="Whether the draft is its retirement.")]
    outdated: Annotated[
        bool, Meta(description="Whether another version was published since the draft was saved.")
    ]
    edited_by: Actor | None
    edited_at: datetime | None
    etag: ETag

    @classmethod
    def of(cls, thing: Thing) -> "Listed":
        version, draft = thing.version, thing.draft
        shown = draft.definition if draft is not None and draft.definition else None
        definition = shown or (version and version.definition)
        if definition is None:
            raise LookupError(thing)
        return cls(
            slug=thing.slug,
            name=definition.name,
            version=thing.number,
            retired=version is not None and version.retired,
            published_at=version and version.published_at,
            has_draft=draft is not None,
            retires=draft is not None and draft.definition is None,
            outdated=thing.outdated,
            edited_by=draft and draft.edited_by,
            edited_at=draft and draft.edited_at,
            etag=thing.etag,
        )


class Managed(msgspec.Struct, Generic[D], frozen=True, kw_only=True):
    """A thing of the catalogue: what is published of it, and its draft."""

    slug: Annotated[str, Meta(max_length=80, examples=["helper-2"])]
    version: Annotated[int, Meta(description="The version in force; 0 for none.")]
    published: D | None
    published_at: datetime | None
    since: Annotated[
        datetime | None,
        Meta(description="From when its criteria count; null: all that ever happened."),
    ]
    retired: bool
    draft: Annotated[D | None, Meta(description="What it shall be; null without a draft.")]
    retires: Annotated[bool, Meta(description="Whether the draft is its retirement.")]
    outdated: Annotated[
        bool, Meta(description="Whether another version was published since the draft was saved.")
    ]
    edited_by: Actor | None
    edited_at: datetime | None
    etag: ETag

    @classmethod
    def of(cls, thing: Thing) -> "Managed[D]":
        version, draft = thing.version, thing.draft
        return cls(
            slug=thing.slug,
            version=thing.number,
            published=cast("D | None", version and version.definition),
            published_at=version and version.published_at,
            since=version and version.since,
            retired=version is not None and version.retired,
            draft=cast("D | None", draft and draft.definition),
            retires=draft is not None and draft.definition is None,
            outdated=thing.outdated,
            edited_by=draft and draft.edited_by,
            edited_at=draft and draft.edited_at,
            etag=thing.etag,
        )


class VersionView(msgspec.Struct, Generic[D], frozen=True, kw_only=True):
    """One version that was published."""

    version: int
    definition: D
    published_at: datetime
    since: Annotated[
        datetime | None,
        Meta(description="From when its criteria count; null: all that ever happened."),
    ]
    retired: Annotated[bool, Meta(description="Whether it took the thing out of the catalogue.")]

    @classmethod
    def of(cls, version: Version) -> "VersionView[D]":
        return cls(
            version=version.version,
            definition=cast("D", version.definition),
            published_at=version.published_at,
            since=version.since,
            retired=version.retired,
        )


class DraftedView(msgspec.Struct, frozen=True, kw_only=True):
    """A draft that a file made."""

    what: Annotated[str, Meta(max_length=10, examples=["badge"])]
    slug: Annotated[str, Meta(max_length=80, examples=["helper-2"])]
    etag: ETag


class DraftsMade(msgspec.Struct, frozen=True, kw_only=True):
    """What a file changed: a draft for each thing that it says otherwise than what is published."""

    drafts: list[DraftedView]
