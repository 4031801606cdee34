"""What is said on channels: each kind of event is a struct beside the feature that says it."""

from typing import Any, ClassVar, Final

import msgspec

EVENTS: Final[dict[str, type["Event"]]] = {}


class Event(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that happened, as it goes over the wire in `data`.

    A subclass says its `type`, the `channels` on which it is said (what stands before the colon
    of their names) and an `example`; its docstring is what the documentation shows. What it holds
    are values as they are now, so that applying it again, or to a snapshot that has them already,
    changes nothing.
    """

    type: ClassVar[str]
    channels: ClassVar[tuple[str, ...]]
    example: ClassVar[dict[str, Any]]

    def __init_subclass__(cls) -> None:
        known = EVENTS.setdefault(cls.type, cls)
        if known is not cls and (known.__module__, known.__qualname__) != (
            cls.__module__,
            cls.__qualname__,
        ):
            raise TypeError(f"{cls.type} is the type of {known.__qualname__} already")
