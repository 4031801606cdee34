"""The statements that read challenges."""

from typing import Final

from gamification.challenges.challenge import COLUMNS

ONE: Final = f"SELECT {COLUMNS} FROM challenge WHERE id = $1"  # noqa: S608 - constant columns

# What runs ends soonest first; what comes starts soonest first; what is past ended last first.
RUNNING: Final = f"""
SELECT {COLUMNS}, ends_at AS place FROM challenge
WHERE published_at IS NOT NULL AND over_at IS NULL AND starts_at <= $1
    AND (state = 'paused' OR ends_at > $1) AND (segment IS NULL OR segment = ANY($2::text[]))
    AND ($3::timestamptz IS NULL OR (ends_at, id) > ($3, $4::uuid))
ORDER BY ends_at, id LIMIT $5
"""  # noqa: S608
COMING: Final = f"""
SELECT {COLUMNS}, starts_at AS place FROM challenge
WHERE published_at IS NOT NULL AND over_at IS NULL AND starts_at > $1
    AND (segment IS NULL OR segment = ANY($2::text[]))
    AND ($3::timestamptz IS NULL OR (starts_at, id) > ($3, $4::uuid))
ORDER BY starts_at, id LIMIT $5
"""  # noqa: S608
PAST: Final = f"""
SELECT {COLUMNS}, coalesce(over_at, ends_at) AS place FROM challenge
WHERE published_at IS NOT NULL
    AND (over_at IS NOT NULL OR (state <> 'paused' AND ends_at <= $1))
    AND (segment IS NULL OR segment = ANY($2::text[]))
    AND ($3::timestamptz IS NULL OR (coalesce(over_at, ends_at), id) < ($3, $4::uuid))
ORDER BY coalesce(over_at, ends_at) DESC, id DESC LIMIT $5
"""  # noqa: S608
ALL: Final = f"""
SELECT {COLUMNS}, made_at AS place FROM challenge
WHERE ($1::timestamptz IS NULL OR (made_at, id) < ($1, $2::uuid))
ORDER BY made_at DESC, id DESC LIMIT $3
"""  # noqa: S608

MINE: Final = """
SELECT c.id AS challenge, p.team, p.joined_at, p.left_at, coalesce(g.given, 0)::bigint AS given,
    d.id IS NOT NULL AS declined, coalesce(t.today, 0)::bigint AS today
FROM unnest($1::uuid[]) AS c (id)
LEFT JOIN LATERAL (
    SELECT p.team, p.joined_at, p.left_at FROM challenge_participation p
    WHERE p.challenge = c.id AND p.member_id = $2 ORDER BY p.left_at DESC NULLS FIRST LIMIT 1
) p ON true
LEFT JOIN LATERAL (
    SELECT sum(g.given) AS given FROM challenge_participation g
    WHERE g.challenge = c.id AND g.member_id = $2
) g ON true
LEFT JOIN LATERAL (
    SELECT sum(t.counted) AS today FROM challenge_contribution t
    WHERE t.challenge = c.id AND t.member_id = $2 AND t.day = ($3::timestamptz AT TIME ZONE
        coalesce((SELECT pr.time_zone FROM preferences pr WHERE pr.member_id = $2), 'UTC'))::date
) t ON true
LEFT JOIN challenge_declined d ON d.challenge = c.id AND d.member_id = $2
"""

REACHED: Final = """
SELECT w.challenge, w.team, coalesce(p.done, 0)::bigint AS done,
    coalesce(p.helpers, 0)::bigint AS helpers
FROM unnest($1::uuid[], $2::uuid[]) AS w (challenge, team)
LEFT JOIN LATERAL (
    SELECT sum(counted) AS done, sum(helpers) AS helpers FROM challenge_progress p
    WHERE p.challenge = w.challenge AND p.team = w.team
) p ON true
"""

MILESTONES: Final = """
SELECT m.challenge, m.team, m.percent, m.stretch, m.reached_at
FROM unnest($1::uuid[], $2::uuid[]) AS w (challenge, team)
JOIN challenge_milestone m ON m.challenge = w.challenge AND m.team = w.team
ORDER BY m.stretch, m.percent
"""

WORDS: Final = """
SELECT w.challenge, w.about, w.words, w.said_at FROM unnest($1::uuid[]) AS c (id)
CROSS JOIN LATERAL (
    SELECT * FROM challenge_word w WHERE w.challenge = c.id ORDER BY w.id DESC LIMIT $2
) w ORDER BY w.id DESC
"""

TEAMS: Final = """
SELECT DISTINCT team FROM challenge_participation
WHERE challenge = $1 AND team > $2 ORDER BY team LIMIT $3
"""

HELPERS: Final = """
SELECT p.member_id, p.given, p.id FROM challenge_participation p
JOIN player ON player.member_id = p.member_id
WHERE p.challenge = $1 AND p.given > 0 AND ($2::uuid IS NULL OR p.team = $2)
    AND p.left_at IS NULL AND player.state = 'active' AND player.visibility <> 'hidden'
    AND p.id > $3 ORDER BY p.id LIMIT $4
"""

RANKED: Final = """
SELECT p.member_id, p.given, p.id FROM challenge_participation p
JOIN player ON player.member_id = p.member_id
WHERE p.challenge = $1 AND p.given > 0 AND ($2::uuid IS NULL OR p.team = $2)
    AND p.left_at IS NULL AND player.state = 'active' AND player.visibility <> 'hidden'
    AND ($5::bigint IS NULL OR p.given < $5 OR (p.given = $5 AND p.id > $3))
ORDER BY p.given DESC, p.id LIMIT $4
"""
