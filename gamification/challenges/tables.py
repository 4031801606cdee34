"""Challenges, who takes part in them, and what each gave."""

from enum import StrEnum

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Date,
    Integer,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class Team(StrEnum):
    """Who reaches the goal: everybody together, each squad, or each member."""

    COMMUNITY = "community"
    SQUAD = "squad"
    PERSONAL = "personal"


class State(StrEnum):
    """Where a challenge stands. One that is `reached` may run on to its stretch goal."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    REACHED = "reached"
    ENDED = "ended"
    CANCELLED = "cancelled"


class ChallengeRow(Table, tablename="challenge"):
    """A goal that people reach together.

    `counts` is a term of the criteria algebra. `pauses` holds when it paused and went on, in
    turn. Nothing counts from `over_at` on; what comes late still does until `closed_at`, after
    which nothing changes any more. `revision` rises with every change that readers could see.
    """

    id = UUID(primary_key=True, default=None, null=False)
    words = JSONB()
    team = Varchar(length=10)
    counts = JSONB()
    goal = BigInt()
    stretch_goal = BigInt(null=True, default=None)
    milestones = Array(base_column=Integer(), default=list)
    starts_at = Timestamptz()
    ends_at = Timestamptz()
    pauses = Array(base_column=Timestamptz(), default=list)
    daily_cap = BigInt(null=True, default=None)
    counts_since_start = Boolean(default=True)
    shows_ranking = Boolean(default=False)
    badge = Varchar(length=80, null=True, default=None)
    season = Varchar(length=80, null=True, default=None)
    segment = Varchar(length=80, null=True, default=None)
    state = Varchar(length=10)
    revision = Integer(default=1)
    made_by = Varchar(length=80)
    made_at = Timestamptz()
    published_at = Timestamptz(null=True, default=None)
    reached_at = Timestamptz(null=True, default=None)
    over_at = Timestamptz(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)

    challenge_team_is_known = Check("team IN ('community', 'squad', 'personal')")
    challenge_state_is_known = Check(
        "state IN ('draft', 'scheduled', 'running', 'paused', 'reached', 'ended', 'cancelled')"
    )
    challenge_ends_after_it_starts = Check("ends_at > starts_at")
    challenge_goal_is_one = Check("goal > 0")


class ChallengeRevision(Table, tablename="challenge_revision"):
    """A row for each change of what counts for challenges.

    Who credits reads the newest with the catalogue's, and so knows at no cost what to listen for.
    """

    id = BigSerial(primary_key=True)
    changed_at = Timestamptz()


class ChallengeWord(Table, tablename="challenge_word"):
    """What managers told participants when they extended, paused, resumed or cancelled."""

    id = BigSerial(primary_key=True)
    challenge = UUID(null=False, default=None)
    about = Varchar(length=10)
    words = JSONB()
    said_at = Timestamptz()

    challenge_word_is_about_a_change = Check(
        "about IN ('extended', 'paused', 'resumed', 'cancelled')"
    )


class Participation(Table, tablename="challenge_participation"):
    """That a member takes part, or took part, with a team.

    `turns` are the moments from which on what they do counts and no longer counts, in turn.
    The team is the squad, the member where the challenge is personal, or nobody's id.
    `given` is what they gave in all; it stays given when they leave.
    """

    id = BigSerial(primary_key=True)
    challenge = UUID(null=False, default=None)
    team = UUID(null=False, default=None)
    member_id = UUID(null=False, default=None)
    turns = Array(base_column=Timestamptz(), default=list)
    joined_at = Timestamptz()
    left_at = Timestamptz(null=True, default=None)
    given = BigInt(default=0)

    takes_part_once = Unique([challenge, member_id, team])


class Declined(Table, tablename="challenge_declined"):
    """A member said no: they aren't asked again, and can join whenever they like."""

    id = BigSerial(primary_key=True)
    challenge = UUID(null=False, default=None)
    member_id = UUID(null=False, default=None)
    said_at = Timestamptz()

    said_no_once = Unique([challenge, member_id])


class Contribution(Table, tablename="challenge_contribution"):
    """What a member did on one of their days, and how much of it counts."""

    id = BigSerial(primary_key=True)
    challenge = UUID(null=False, default=None)
    member_id = UUID(null=False, default=None)
    day = Date()
    team = UUID(null=False, default=None)
    done = BigInt()
    counted = BigInt()

    one_contribution_a_day = Unique([challenge, member_id, day, team])


class TeamProgress(Table, tablename="challenge_progress"):
    """A part of what a team has reached, and of how many helped. The sum of the parts is it.

    A member's share is always in the same part, so that those who credit at the same time
    seldom meet. `undecided` until somebody looked whether a milestone was reached by it.
    """

    id = BigSerial(primary_key=True)
    challenge = UUID(null=False, default=None)
    team = UUID(null=False, default=None)
    shard = SmallInt()
    counted = BigInt()
    helpers = BigInt()
    undecided = Boolean(default=True)

    one_part_a_shard = Unique([challenge, team, shard])


class Milestone(Table, tablename="challenge_milestone"):
    """A part of the goal that a team reached. It stays reached."""

    id = BigSerial(primary_key=True)
    challenge = UUID(null=False, default=None)
    team = UUID(null=False, default=None)
    percent = Integer()
    stretch = Boolean(default=False)
    reached_at = Timestamptz()

    milestone_reached_once = Unique([challenge, team, percent, stretch])
