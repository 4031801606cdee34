"""Who competes, said once; the state of the copy of boards; the indexes that both are read by."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ground.engine import execute

ID = "2026-11-21T22:26:59:000000"
VERSION = "1.38.0"
DESCRIPTION = "Who competes on boards, and the state of their copy"

FORWARDS = """
CREATE VIEW competitor AS
    SELECT member_id, board_alias, population FROM player
    WHERE state = 'active' AND visibility <> 'hidden' AND NOT staff;
CREATE VIEW board_standing AS
    SELECT b.scope, b.period, b.member_id, b.points, b.revision, c.board_alias, c.population
    FROM board_points b JOIN competitor c USING (member_id) WHERE b.points > 0;
CREATE INDEX player_who_competes ON player (member_id) INCLUDE (board_alias, population)
    WHERE state = 'active' AND visibility <> 'hidden' AND NOT staff;
CREATE INDEX board_fall_of_member ON board_fall (scope, period, member_id);
CREATE SEQUENCE board_copy_generation;
SELECT nextval('board_copy_generation');
-- The identity is another after a restore elsewhere, and after a failover that may have lost
-- what the copy was told.
CREATE VIEW board_copy_state AS
    SELECT s.system_identifier || '.' || d.oid || '.' || c.timeline_id AS identity,
           g.last_value AS generation
    FROM pg_control_system() s, pg_control_checkpoint() c, pg_database d, board_copy_generation g
    WHERE d.datname = current_database();
"""

BACKWARDS = """
DROP VIEW board_copy_state;
DROP SEQUENCE board_copy_generation;
DROP INDEX board_fall_of_member, player_who_competes;
DROP VIEW board_standing;
DROP VIEW competitor;
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
