"""Roles, from the least to the most trusted."""

from enum import StrEnum


class Role(StrEnum):
    """What a member may do beside taking part."""

    AMBASSADOR = "ambassador"
    MODERATOR = "moderator"
    MANAGER = "manager"
    ADMIN = "admin"

    def reaches(self, other: "Role") -> bool:
        """Whether this role includes what `other` may do."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)
