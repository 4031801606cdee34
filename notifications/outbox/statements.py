"""The statements that write what members are told: rows, what waits to leave, what was merged.

Rows come sorted, so that two batches never hold each other up. `shows` is false for what waits
for its turn; what has no `due_at` leaves through no door but the inbox.
"""

from typing import Final

TOLD: Final = """
WITH told AS (
    SELECT t.*
    FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[])
        AS t (member_id, category, collapse_key, once, facts, actors, likes)
    JOIN preferences p ON p.member_id = t.member_id AND NOT p.expected
), category AS (
    SELECT * FROM unnest($9::text[], $10::bool[], $11::bool[], $12::timestamptz[],
        $13::timestamptz[]) AS c (category, shows, is_live, due_at, expires_at)
), kept AS (
    INSERT INTO notification AS n (member_id, category, collapse_key, once, facts, actors, likes,
        told_at, shown_at)
    SELECT t.member_id, t.category, t.collapse_key, t.once, t.facts::jsonb,
        string_to_array(t.actors, ',')::uuid[], t.likes, $1::timestamptz,
        CASE WHEN c.shows THEN $1::timestamptz END
    FROM told t JOIN category c USING (category)
    ORDER BY t.member_id, t.collapse_key, t.once
"""

COLLAPSING: Final = """
    ON CONFLICT (member_id, collapse_key)
        WHERE read_at IS NULL AND archived_at IS NULL AND collapse_key <> ''
    DO UPDATE SET
        facts = excluded.facts,
        likes = CASE WHEN cardinality(excluded.actors) = 0 THEN n.likes + excluded.likes
            ELSE n.likes + (SELECT count(*) FROM unnest(excluded.actors) a
                WHERE a <> ALL (n.actors)) END,
        actors = (excluded.actors || array(
            SELECT a FROM unnest(n.actors) WITH ORDINALITY AS b (a, o)
            WHERE a <> ALL (excluded.actors) ORDER BY o))[1:100],
        told_at = excluded.told_at
"""

ONLY_ONCE: Final = """
    ON CONFLICT (member_id, once) WHERE once <> '' DO NOTHING
"""

AND_THEN: Final = """
    RETURNING n.id, n.member_id, n.category, n.shown_at, (n.xmax = 0) AS is_new
), waiting AS (
    INSERT INTO outbox (notification_id, member_id, category, collapse_id, due_at, expires_at)
    SELECT k.id, k.member_id, k.category, 'n' || k.id, c.due_at, c.expires_at
    FROM kept k JOIN category c USING (category)
    WHERE c.due_at IS NOT NULL AND (c.shows OR k.shown_at IS NULL)
    ON CONFLICT (notification_id) WHERE held_until IS NULL
    DO UPDATE SET expires_at = excluded.expires_at
), merged AS (
    INSERT INTO delivery_line (notification_id, member_id, channel, outcome, why, at)
    SELECT k.id, k.member_id, 'inbox', 'merged', 'alike', $1::timestamptz
    FROM kept k WHERE NOT k.is_new
)
SELECT DISTINCT k.member_id FROM kept k JOIN category c USING (category)
WHERE c.is_live AND k.shown_at IS NOT NULL
"""

# Locked in the order in which members are told. The outbox drops what is archived.
TAKE_BACK: Final = """
UPDATE notification SET archived_at = $4 WHERE id IN (
    SELECT id FROM notification
    WHERE category = $1 AND facts @> $2::jsonb AND shown_at IS NULL AND archived_at IS NULL
        AND ($3::uuid IS NULL OR member_id = $3)
    ORDER BY member_id, collapse_key, once FOR NO KEY UPDATE
)
"""

TELL_TOGETHER: Final = TOLD + COLLAPSING + AND_THEN
TELL_ONCE: Final = TOLD + ONLY_ONCE + AND_THEN
