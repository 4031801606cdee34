"""What a data dump of a Stack Exchange community says, as activities. Pure.

A dump names no voter: a vote is credited to the owner of the post. Votes know only their day.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple

from community.imports.rows import Row
from community.imports.stand_in import STAND_IN
from gamification.ledger.activity import NO_FIELDS, Fields

# The files of a dump and their outermost elements. Badges.xml holds the answers, and isn't read.
FILES: Final = {
    "Users.xml": "users",
    "Posts.xml": "posts",
    "Votes.xml": "votes",
    "Comments.xml": "comments",
    "PostHistory.xml": "posthistory",
}
SITE_ITSELF: Final = "-1"

POST_KINDS: Final = {"1": "question", "2": "answer", "4": "tag-wiki", "5": "tag-wiki"}
ACCEPTED, UP, DOWN, BOUNTY = "1", "2", "3", "8"
EDITED: Final = {"4": "title", "5": "body", "6": "tags"}
ROLLED_BACK: Final = {"7": "title", "8": "body", "9": "tags"}
DATES: Final = ("CreationDate", "LastAccessDate", "LastActivityDate")
# The most that the ledger takes in one entry.
MOST_VIEWS: Final = 1_000_000


class Why(StrEnum):
    """Why a row tells nothing."""

    POST_UNKNOWN = "post unknown (deleted, or in a part of the dump still to come)"
    NOT_COUNTED = "not an activity (such as closings, favourites, first versions)"
    BY_NOBODY = "by a deleted account or by the site itself"
    NO_OWNER = "a bounty without an owner"


class Post(NamedTuple):
    """What has to be known of a post to tell whose its votes are. An unknown type has no kind."""

    kind: str | None
    owner: str
    parent: str = ""

    @property
    def has_owner(self) -> bool:
        return self.owner != STAND_IN


Posts = Mapping[str, Post]


class Told(NamedTuple):
    """An activity in the source's own terms: its ids of members and posts, its kinds.

    One that `grows` is a total so far: what counts is by how much it rose.
    """

    member: str
    kind: str
    key: str
    occurred_at: datetime | date
    subject: str = ""
    parent: str = ""
    quantity: int = 1
    fields: Fields = NO_FIELDS
    grows: bool = False


class Person(NamedTuple):
    """Somebody with an account there."""

    id: str
    known_since: datetime


def person_of(row: Row) -> Person | None:
    """The person of a row of users; the site's own account is none."""
    since = row.moment("CreationDate")
    return None if row.id == SITE_ITSELF else Person(row.id, since)


def post_of(row: Row) -> Post:
    """What to keep in mind of a row of posts."""
    kind = POST_KINDS.get(row.number_of("PostTypeId"))
    parent = row.number_of("ParentId") if kind == "answer" else ""
    return Post(kind, _who(row.optional_number("OwnerUserId")), parent)


def latest_day(row: Row) -> date:
    """The newest day that a row speaks of."""
    moments = [row.moment(name) for name in DATES if name == DATES[0] or row.values.get(name)]
    return max(moments).date()


def post_needed(row: Row) -> str | None:
    """The post that a row is about, where it matters whose it is."""
    match row.file:
        case "Posts.xml":
            return row.id
        case "Votes.xml" | "PostHistory.xml":
            return row.number_of("PostId")
        case _:
            return None


def told_by(row: Row, posts: Posts, exported_on: date) -> list[Told] | Why:
    """What a row tells. Anything wrong with it is found whatever the posts are."""
    match row.file:
        case "Posts.xml":
            return _by_post(row, posts, exported_on)
        case "Votes.xml":
            return _by_vote(row, posts)
        case "Comments.xml":
            return _by_comment(row)
        case "PostHistory.xml":
            return _by_revision(row, posts)
        case _:
            return _by_user(row, exported_on)


def _by_post(row: Row, posts: Posts, exported_on: date) -> list[Told] | Why:
    post, at, views = post_of(row), row.moment("CreationDate"), row.amount("ViewCount")
    post = posts.get(row.id, post)
    if post.kind is None:
        return Why.NOT_COUNTED
    key = f"post:{row.id}"
    told = [Told(post.owner, post.kind, key, at, subject=row.id, parent=post.parent)]
    if post.kind == "question" and views > 0:
        seen = min(views, MOST_VIEWS)
        told.append(
            Told(post.owner, "views", key, exported_on, subject=row.id, quantity=seen, grows=True)
        )
    return told


def _by_vote(row: Row, posts: Posts) -> list[Told] | Why:
    day, kind = row.moment("CreationDate").date(), row.number_of("VoteTypeId")
    key, subject, voter = f"vote:{row.id}", row.number_of("PostId"), row.optional_number("UserId")
    if kind not in {ACCEPTED, UP, DOWN, BOUNTY}:
        return Why.NOT_COUNTED
    post = posts.get(subject)
    question = post and (posts.get(post.parent) if post.kind == "answer" else post)
    if post is None or question is None:
        return Why.POST_UNKNOWN
    if post.kind is None or (kind == ACCEPTED and post.kind != "answer"):
        return Why.NOT_COUNTED
    if kind == BOUNTY:
        return _by_bounty(voter, key, day, subject, post)
    own_question = post.kind == "answer" and post.has_owner and post.owner == question.owner
    fields: Fields = {"post_type": post.kind, "own_question": own_question}
    if kind == ACCEPTED:
        return [
            Told(post.owner, "accepted", key, day, subject=subject, fields=fields),
            Told(question.owner, "accept", key, day, subject=subject, fields=fields),
        ]
    value = 1 if kind == UP else -1
    return [Told(post.owner, "vote", key, day, subject=subject, quantity=value, fields=fields)]


def _by_bounty(
    giver: str | None, key: str, day: date, subject: str, post: Post
) -> list[Told] | Why:
    if giver is None or giver == SITE_ITSELF:
        return Why.NO_OWNER
    fields: Fields = {"own_question": giver == post.owner}
    return [Told(giver, "bounty", key, day, subject=subject, fields=fields)]


def _by_comment(row: Row) -> list[Told] | Why:
    at, subject = row.moment("CreationDate"), row.number_of("PostId")
    key, author = f"comment:{row.id}", _who(row.optional_number("UserId"))
    if author == STAND_IN:
        return Why.BY_NOBODY
    return [Told(author, "comment", key, at, subject=subject)]


def _by_revision(row: Row, posts: Posts) -> list[Told] | Why:
    at, kind, subject = (
        row.moment("CreationDate"),
        row.number_of("PostHistoryTypeId"),
        row.number_of("PostId"),
    )
    key, author = f"revision:{row.id}", _who(row.optional_number("UserId"))
    part = EDITED.get(kind) or ROLLED_BACK.get(kind)
    if part is None:
        return Why.NOT_COUNTED
    if author == STAND_IN:
        return Why.BY_NOBODY
    post = posts.get(subject)
    if post is None:
        return Why.POST_UNKNOWN
    if post.kind is None:
        return Why.NOT_COUNTED
    what = "edit" if kind in EDITED else "rollback"
    fields: Fields = {"post_type": post.kind, "part": part, "others": author != post.owner}
    return [Told(author, what, key, at, subject=subject, fields=fields)]


def _by_user(row: Row, exported_on: date) -> list[Told] | Why:
    person, up, down = person_of(row), row.amount("UpVotes"), row.amount("DownVotes")
    if person is None:
        return Why.BY_NOBODY
    key = f"user:{row.id}"
    told = [
        Told(person.id, kind, key, exported_on, quantity=min(cast, MOST_VIEWS), grows=True)
        for kind, cast in (("votes-up", up), ("votes-down", down))
        if cast > 0
    ]
    if row.values.get("AboutMe"):
        told.append(Told(person.id, "profile", key, exported_on))
    return told


def _who(user_id: str | None) -> str:
    return STAND_IN if user_id in (None, SITE_ITSELF) else str(user_id)
