"""Journeys, who is in them, and what of members they may look at."""

from piccolo.columns import JSONB, UUID, BigInt, BigSerial, Boolean, Integer, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table


class Journey(Table, tablename="journey"):
    """A journey as it is now: the version of its plan, and whether it is switched on."""

    slug = Varchar(primary_key=True, length=60)
    version = Integer(default=1)
    enabled = Boolean(default=True)
    changed_at = Timestamptz(null=False, default=None)


class JourneyPlan(Table, tablename="journey_plan"):
    """A version of a plan. Whoever began with it stays with it."""

    id = BigSerial(primary_key=True)
    slug = Varchar(length=60)
    version = Integer(null=False, default=None)
    plan = JSONB(null=False, default=None)
    written_at = Timestamptz(null=False, default=None)

    a_plan_has_one_of_each_version = Unique(["slug", "version"])


class JourneyFact(Table, tablename="journey_fact"):
    """Something that holds for a member, as it was pushed: since when, and when last.

    `name` is what it is called, in each language. A fresh one has not been looked at yet.
    """

    id = BigSerial(primary_key=True)
    member_id = UUID(null=False, default=None)
    fact = Varchar(length=200)
    first_at = Timestamptz(null=False, default=None)
    last_at = Timestamptz(null=False, default=None)
    name = JSONB(null=True, default=None)
    is_fresh = Boolean(default=True)

    a_fact_is_kept_once = Unique(["member_id", "fact"])


class JourneyRun(Table, tablename="journey_run"):
    """A member in a journey: at which step, since when, and when to look again.

    Without `due_at` it waits for something to happen. `name` is what the journey is about.
    """

    id = BigSerial(primary_key=True)
    slug = Varchar(length=60)
    version = Integer(null=False, default=None)
    member_id = UUID(null=False, default=None)
    name = JSONB(null=True, default=None)
    began_at = Timestamptz(null=False, default=None)
    place = Integer(default=0)
    since = Timestamptz(null=False, default=None)
    due_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    ended_as = Varchar(length=10, default="")


class JourneyStep(Table, tablename="journey_step"):
    """What was said to a member in a journey: each step of a run once (I14)."""

    id = BigSerial(primary_key=True)
    run_id = BigInt(null=False, default=None)
    place = Integer(null=False, default=None)
    at = Timestamptz(null=False, default=None)

    a_step_is_taken_once = Unique(["run_id", "place"])
