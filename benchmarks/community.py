"""A made-up community for the benchmarks: people as busy as in life, and what they do."""

import random
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any

START = datetime(2026, 1, 1, tzinfo=UTC)
SOURCE = "bench"
# The same kinds, but worth points.
SCORED = "scored"
# Few people do much and many do little: Zipf's law with this exponent.
ZIPF = 1.1


class Community:
    """Deterministic: the same seed makes the same history."""

    def __init__(self, members: int, *, seed: int = 20261121) -> None:
        self._random = random.Random(seed)
        self.names = [f"m{number}" for number in range(members)]
        self._weights = list(accumulate(1 / (rank**ZIPF) for rank in range(1, members + 1)))
        self._questions: list[tuple[str, str]] = []
        self._answers: list[tuple[str, str]] = []
        self._number = 0
        self._now = START

    def batch(self, size: int, prefix: str = SOURCE) -> list[dict[str, Any]]:
        """The next activities, in the order they happened, of kinds with this prefix."""
        return [self._activity(prefix) for _ in range(size)]

    def _activity(self, prefix: str) -> dict[str, Any]:
        self._number += 1
        self._now += timedelta(seconds=self._random.randint(0, 20))
        kind, subject, member, fields, quantity = self._deed()
        return {
            "key": f"k{self._number}",
            "member": f"external:{SOURCE}:{member}",
            "kind": f"{prefix}:{kind}",
            "subject": subject,
            "quantity": quantity,
            "occurred_at": self._now.isoformat().replace("+00:00", "Z"),
            "fields": fields,
        }

    def _somebody(self) -> str:
        return self._random.choices(self.names, cum_weights=self._weights)[0]

    def _deed(self) -> tuple[str, str, str, dict[str, Any], int]:
        chance = self._random.random()
        who = self._somebody()
        if chance < 0.08 or not self._questions:
            self._questions.append((f"p{self._number}", who))
            return "question", f"p{self._number}", who, {}, 1
        if chance < 0.2 or not self._answers:
            question, asker = self._random.choice(self._questions[-200:])
            self._answers.append((f"p{self._number}", who))
            fields = {"parent": question, "own_question": who == asker}
            return "answer", f"p{self._number}", who, fields, 1
        if chance < 0.7:
            return self._vote()
        subject = self._random.choice(self._questions)[0]
        if chance < 0.9:
            return "comment", subject, who, {}, 1
        return "edit", subject, who, {"post_type": "question", "part": "body", "others": True}, 1

    def _vote(self) -> tuple[str, str, str, dict[str, Any], int]:
        kind = self._random.choice(["question", "answer"])
        posts = self._questions if kind == "question" else self._answers
        subject, owner = self._random.choice(posts[-400:])
        fields = {"post_type": kind, "own_question": False}
        return "vote", subject, owner, fields, self._random.choice([1, 1, 1, 1, -1])
