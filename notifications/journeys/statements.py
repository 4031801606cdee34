"""What the clock asks of PostgreSQL about journeys."""

from typing import Final

# Two workers never look at the same facts, and neither at what is being said just now.
TAKE_FRESH: Final = """
WITH taken AS MATERIALIZED (
    SELECT id FROM journey_fact WHERE is_fresh ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
)
UPDATE journey_fact f SET is_fresh = false FROM taken t WHERE f.id = t.id
RETURNING f.member_id, f.fact, f.last_at, f.name
"""

BEGIN: Final = """
INSERT INTO journey_run (slug, version, member_id, name, began_at, since, due_at)
SELECT b.slug, b.version, b.member_id, b.name, $1, $1, $1
FROM unnest($2::text[], $3::int[], $4::uuid[], $5::jsonb[], $6::int[])
    AS b (slug, version, member_id, name, again)
    JOIN preferences p ON p.member_id = b.member_id AND NOT p.expected
WHERE NOT EXISTS (
    SELECT FROM journey_run r WHERE r.member_id = b.member_id AND r.slug = b.slug
        AND (r.ended_as = 'left' OR b.again IS NULL
            OR r.began_at > $1::timestamptz - make_interval(days => b.again)))
ORDER BY b.member_id, b.slug
ON CONFLICT (member_id, slug) WHERE ended_at IS NULL DO NOTHING
"""

# What happened may be what somebody waits for. Whom another worker looks at just now sees it then,
# or at their next step: nobody who acts waits behind what is being said.
WAKE: Final = """
UPDATE journey_run r SET due_at = least(r.due_at, $2::timestamptz)
FROM (SELECT id FROM journey_run WHERE member_id = ANY($1::uuid[]) AND ended_at IS NULL
    ORDER BY id FOR UPDATE SKIP LOCKED) w
WHERE r.id = w.id
"""

TAKE_DUE: Final = """
SELECT r.id, r.slug, r.version, r.member_id, r.name, r.began_at, r.place, r.since,
    (SELECT time_zone FROM preferences p WHERE p.member_id = r.member_id) AS time_zone
FROM journey_run r
WHERE r.ended_at IS NULL AND r.due_at <= $1 AND r.slug = ANY($2::text[])
ORDER BY r.due_at LIMIT $3 FOR UPDATE SKIP LOCKED
"""

FACTS: Final = """
SELECT member_id, fact, first_at, last_at FROM journey_fact WHERE member_id = ANY($1::uuid[])
"""

TAKEN: Final = """
INSERT INTO journey_step (run_id, place, at)
SELECT r, p, $3 FROM unnest($1::bigint[], $2::int[]) AS s (r, p)
"""

GO_ON: Final = """
UPDATE journey_run r SET place = a.place, since = a.since, due_at = a.due_at,
    ended_at = CASE WHEN a.ended_as <> '' THEN $6::timestamptz END, ended_as = a.ended_as
FROM unnest($1::bigint[], $2::int[], $3::timestamptz[], $4::timestamptz[], $5::text[])
    AS a (id, place, since, due_at, ended_as)
WHERE r.id = a.id
"""
