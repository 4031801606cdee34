"""Challenges, who takes part in them, and what each gave."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import (
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

ID = "2026-11-22T04:11:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Challenges"

KEY = (BigSerial, {"primary_key": True})
MAYBE = {"null": True, "default": None}
OF = (UUID, {"null": False, "default": None})
MOMENT = (Timestamptz, {})
NO_MOMENT = (Timestamptz, MAYBE)
NUMBER = (BigInt, {})
NO_NUMBER = (BigInt, MAYBE)
NO_SLUG = (Varchar, {"length": 80, **MAYBE})
MOMENTS = (Array, {"base_column": Timestamptz(), "default": list})

TABLES = {
    ("ChallengeRow", "challenge"): {
        "id": (UUID, {"primary_key": True, "null": False, "default": None}),
        "words": (JSONB, {}),
        "team": (Varchar, {"length": 10}),
        "counts": (JSONB, {}),
        "goal": NUMBER,
        "stretch_goal": NO_NUMBER,
        "milestones": (Array, {"base_column": Integer(), "default": list}),
        "starts_at": MOMENT,
        "ends_at": MOMENT,
        "pauses": MOMENTS,
        "daily_cap": NO_NUMBER,
        "counts_since_start": (Boolean, {"default": True}),
        "shows_ranking": (Boolean, {"default": False}),
        "badge": NO_SLUG,
        "season": NO_SLUG,
        "segment": NO_SLUG,
        "state": (Varchar, {"length": 10}),
        "revision": (Integer, {"default": 1}),
        "made_by": (Varchar, {"length": 80}),
        "made_at": MOMENT,
        "published_at": NO_MOMENT,
        "reached_at": NO_MOMENT,
        "over_at": NO_MOMENT,
        "closed_at": NO_MOMENT,
    },
    ("ChallengeRevision", "challenge_revision"): {
        "id": KEY,
        "changed_at": MOMENT,
    },
    ("ChallengeWord", "challenge_word"): {
        "id": KEY,
        "challenge": OF,
        "about": (Varchar, {"length": 10}),
        "words": (JSONB, {}),
        "said_at": MOMENT,
    },
    ("Participation", "challenge_participation"): {
        "id": KEY,
        "challenge": OF,
        "team": OF,
        "member_id": OF,
        "turns": MOMENTS,
        "joined_at": MOMENT,
        "left_at": NO_MOMENT,
        "given": (BigInt, {"default": 0}),
    },
    ("Declined", "challenge_declined"): {
        "id": KEY,
        "challenge": OF,
        "member_id": OF,
        "said_at": MOMENT,
    },
    ("Contribution", "challenge_contribution"): {
        "id": KEY,
        "challenge": OF,
        "member_id": OF,
        "day": (Date, {}),
        "team": OF,
        "done": NUMBER,
        "counted": NUMBER,
    },
    ("TeamProgress", "challenge_progress"): {
        "id": KEY,
        "challenge": OF,
        "team": OF,
        "shard": (SmallInt, {}),
        "counted": NUMBER,
        "helpers": NUMBER,
        "undecided": (Boolean, {"default": True}),
    },
    ("Milestone", "challenge_milestone"): {
        "id": KEY,
        "challenge": OF,
        "team": OF,
        "percent": (Integer, {}),
        "stretch": (Boolean, {"default": False}),
        "reached_at": MOMENT,
    },
}

CHECKS = {
    ("ChallengeRow", "challenge"): {
        "challenge_team_is_known": "team IN ('community', 'squad', 'personal')",
        "challenge_state_is_known": (
            "state IN ('draft', 'scheduled', 'running', 'paused', 'reached', 'ended', 'cancelled')"
        ),
        "challenge_ends_after_it_starts": "ends_at > starts_at",
        "challenge_goal_is_one": "goal > 0",
    },
    ("ChallengeWord", "challenge_word"): {
        "challenge_word_is_about_a_change": (
            "about IN ('extended', 'paused', 'resumed', 'cancelled')"
        ),
    },
}

ONCE = {
    ("Participation", "challenge_participation", "takes_part_once"): [
        "challenge",
        "member_id",
        "team",
    ],
    ("Declined", "challenge_declined", "said_no_once"): ["challenge", "member_id"],
    ("Contribution", "challenge_contribution", "one_contribution_a_day"): [
        "challenge",
        "member_id",
        "day",
        "team",
    ],
    ("TeamProgress", "challenge_progress", "one_part_a_shard"): ["challenge", "team", "shard"],
    ("Milestone", "challenge_milestone", "milestone_reached_once"): [
        "challenge",
        "team",
        "percent",
        "stretch",
    ],
}


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="gamification", description=DESCRIPTION
    )
    for (class_name, tablename), columns in TABLES.items():
        manager.add_table(class_name=class_name, tablename=tablename)
        for name, (column_class, params) in columns.items():
            manager.add_column(
                table_class_name=class_name,
                tablename=tablename,
                column_name=name,
                db_column_name=name,
                column_class_name=column_class.__name__,
                column_class=column_class,
                params=dict(params),
            )
    for (class_name, tablename), conditions in CHECKS.items():
        for name, condition in conditions.items():
            manager.add_constraint(
                table_class_name=class_name,
                tablename=tablename,
                constraint_name=name,
                constraint_class=Check,
                params={"condition": condition},
            )
    for (class_name, tablename, name), columns in ONCE.items():
        manager.add_constraint(
            table_class_name=class_name,
            tablename=tablename,
            constraint_name=name,
            constraint_class=Unique,
            params={"columns": columns, "nulls_distinct": True},
        )
    return manager
