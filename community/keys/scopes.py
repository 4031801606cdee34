"""What an integration key may be allowed to do."""

from enum import StrEnum


class Scope(StrEnum):
    """One permission. Routes name the one they need."""

    ACTIVITIES_WRITE = "activities:write"
    CLAIMS_WRITE = "claims:write"
