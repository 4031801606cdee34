"""What challenges are looked up by."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ground.engine import execute

ID = "2026-11-22T04:11:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "The indexes of challenges"

FORWARDS = """
CREATE UNIQUE INDEX one_team_at_a_time ON challenge_participation (challenge, member_id)
    WHERE left_at IS NULL;
CREATE INDEX challenge_participation_of_member ON challenge_participation (member_id);
CREATE INDEX challenge_participation_of_team ON challenge_participation (team)
    WHERE left_at IS NULL;
CREATE INDEX challenge_participation_in_order ON challenge_participation (challenge, id);
CREATE INDEX challenge_helpers_in_order ON challenge_participation (challenge, given DESC, id)
    WHERE given > 0;
CREATE INDEX challenge_progress_undecided ON challenge_progress (challenge) WHERE undecided;
CREATE INDEX challenge_not_closed ON challenge (ends_at) WHERE closed_at IS NULL;
CREATE INDEX challenge_in_order ON challenge (starts_at DESC, id);
CREATE INDEX challenge_of_season ON challenge (season) WHERE season IS NOT NULL;
CREATE INDEX challenge_word_newest ON challenge_word (challenge, id DESC);
"""
BACKWARDS = """
DROP INDEX challenge_word_newest, challenge_of_season, challenge_in_order, challenge_not_closed,
    challenge_progress_undecided, challenge_helpers_in_order, challenge_participation_in_order,
    challenge_participation_of_team, challenge_participation_of_member, one_team_at_a_time;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(
        migration_id=ID, app_name="gamification", description=DESCRIPTION
    )

    async def run() -> None:
        await execute(FORWARDS)

    async def run_backwards() -> None:
        await execute(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(run_backwards)
    return manager
