"""What can't be in a plan, and where. Pure."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from ground.errors import FieldError
from ground.languages import Language
from notifications.journeys.plan import (
    BADGE,
    KNOWN_FACTS,
    TIER,
    AllOf,
    AnyOf,
    Condition,
    Happened,
    LongAgo,
    Not,
    Plan,
    Says,
    Send,
    Wait,
    WaitForAnniversary,
)

# Between two messages of a journey.
A_PAUSE: Final = timedelta(hours=20)
MOST_NEWS: Final = 2
DEEPEST: Final = 5
BLANK: Final = re.compile(r"\{[^{}]*\}")


def faults(plan: Plan) -> list[FieldError]:
    """Everything that is wrong with a plan."""
    return [FieldError(pointer, why) for pointer, why in _faults(plan)]


Fault = tuple[str, str]


def _faults(plan: Plan) -> Iterator[Fault]:
    for number, fact in enumerate(plan.begins.on):
        yield from _unknown(fact, f"/begins/on/{number}")
    if plan.begins.within_hours is not None and plan.begins.within_hours < 1:
        yield "/begins/within_hours", "is one hour at least"
    if plan.again_after_days is not None and not 0 <= plan.again_after_days <= 3650:
        yield "/again_after_days", "is from 0 to 3650"
    if plan.goal is not None:
        yield from _of_condition(plan.goal, "/goal")
    yield from _of_steps(plan)
    yield from _of_repeating(plan)


def _of_steps(plan: Plan) -> Iterator[Fault]:
    waited: timedelta | None = None
    news = 0
    for place, step in enumerate(plan.steps):
        pointer = f"/steps/{place}"
        if not isinstance(step, Send):
            time = step.time if isinstance(step, Wait) else A_PAUSE
            if not time:
                yield pointer, "waits for no time"
            waited = None if waited is None else waited + time
            continue
        if waited is not None and waited < A_PAUSE:
            yield pointer, "comes less than 20 hours after what was said before it"
        waited = timedelta(0)
        news += step.says is Says.NEWS
        if step.says is Says.NEWS and news > MOST_NEWS:
            yield f"{pointer}/says", "is the third that doesn't draw on members' attention"
        if step.only_if is not None:
            yield from _of_condition(step.only_if, f"{pointer}/only_if")
        yield from _of_blanks(plan, step, pointer)
    if waited is None:
        yield "/steps", "say nothing"


def _of_blanks(plan: Plan, step: Send, pointer: str) -> Iterator[Fault]:
    is_about_something = all(fact.partition(":")[0] in {BADGE, TIER} for fact in plan.begins.on)
    for path, text in words(step, pointer):
        for blank in BLANK.findall(text):
            if blank != "{name}":
                yield path, f"{blank} is nothing that could be filled in: only {{name}} is"
            elif not is_about_something:
                yield path, "{name} is known where it begins on badges and tiers alone"


def _of_repeating(plan: Plan) -> Iterator[Fault]:
    if not plan.repeats:
        return
    if not any(isinstance(step, WaitForAnniversary) for step in plan.steps):
        yield "/repeats", "is for what waits for an anniversary"
    if plan.again_after_days is None:
        yield "/again_after_days", "can't be null if it repeats"


def _of_condition(condition: Condition, pointer: str, depth: int = 1) -> Iterator[Fault]:
    if depth > DEEPEST:
        yield pointer, f"is more than {DEEPEST} conditions deep"
        return
    match condition:
        case Happened(fact=fact) | LongAgo(fact=fact):
            yield from _unknown(fact, f"{pointer}/fact")
        case Not(of=of):
            yield from _of_condition(of, f"{pointer}/of", depth + 1)
        case AllOf(of=several) | AnyOf(of=several):
            for number, each in enumerate(several):
                yield from _of_condition(each, f"{pointer}/of/{number}", depth + 1)


def _unknown(fact: str, pointer: str) -> Iterator[Fault]:
    kind, _, slug = fact.partition(":")
    if kind not in KNOWN_FACTS or (slug and kind not in {BADGE, TIER}):
        yield pointer, "is nothing that journeys hear of"


def words(step: Send, pointer: str) -> Iterator[tuple[str, str]]:
    """What a step says, with the pointer to each text."""
    for part in ("title", "body"):
        for language in Language:
            text = getattr(getattr(step, part), language.value)
            yield f"{pointer}/{part}/{language.value}", text


def texts(plan: Plan) -> dict[str, tuple[str, Language]]:
    """All that a plan says to members, for who reads it before they do."""
    found = {
        f"/{part}/{language.value}": (getattr(getattr(plan, part), language.value), language)
        for part in ("name", "purpose")
        for language in Language
    }
    for place, step in plan.sends():
        for pointer, text in words(step, f"/steps/{place}"):
            found[pointer] = (text, Language(pointer.rpartition("/")[2]))
    return found
