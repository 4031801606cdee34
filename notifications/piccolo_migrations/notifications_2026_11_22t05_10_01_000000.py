"""What is fresh and what is due in journeys, and that nobody is in one twice."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ground.engine import execute

ID = "2026-11-22T05:10:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "Indexes of journeys"

FORWARDS = """
CREATE INDEX journey_fact_fresh ON journey_fact (id) WHERE is_fresh;
CREATE UNIQUE INDEX journey_run_one_at_a_time ON journey_run (member_id, slug)
    WHERE ended_at IS NULL;
CREATE INDEX journey_run_of_member ON journey_run (member_id, slug, began_at);
CREATE INDEX journey_run_due ON journey_run (due_at) WHERE ended_at IS NULL;
CREATE INDEX journey_run_inside ON journey_run (slug) WHERE ended_at IS NULL;
ALTER TABLE journey_step ADD CONSTRAINT a_step_is_of_a_run FOREIGN KEY (run_id)
    REFERENCES journey_run ON DELETE CASCADE;
ALTER TABLE journey_fact SET (fillfactor = 80);
"""

BACKWARDS = """
ALTER TABLE journey_step DROP CONSTRAINT a_step_is_of_a_run;
DROP INDEX journey_fact_fresh, journey_run_one_at_a_time, journey_run_of_member, journey_run_due,
    journey_run_inside;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="notifications", description=DESCRIPTION)

    async def run() -> None:
        await execute(FORWARDS)

    async def run_backwards() -> None:
        await execute(BACKWARDS)

    manager.add_raw(run)
    manager.add_raw_backwards(run_backwards)
    return manager
