"""What digests are worded in."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date

from ground.languages import Language
from notifications.digests.content import Content, Item, Part, What
from notifications.digests.plan import Often
from notifications.wording.category import ByLanguage
from notifications.wording.marks import Several, say, says
from notifications.wording.rendering import translated, translations

TITLES: Final = {
    Often.DAILY: say("The day, together"),
    Often.WEEKLY: say("The week, together"),
    Often.MONTHLY: say("The month, together"),
}
HEADINGS: Final = {
    Part.TOGETHER: say("What we achieved together"),
    Part.MINE: say("For you"),
    Part.COMING: say("What is coming"),
}
ITEMS: Final = {
    What.REACHED: say("Done, together: {name}"),
    What.BEYOND: say("And even further than planned: {name}"),
    What.MILESTONE: say("{name}: {percent}% of the way"),
    What.BEGINS: say("{name} begins on {day}"),
    What.ENDS: say("{name} ends on {day}"),
}
COUNTS: Final = {
    Part.TOGETHER: says("{count} thing achieved together", "{count} things achieved together"),
    Part.MINE: says("{count} message for you", "{count} messages for you"),
    Part.COMING: says("{count} date ahead", "{count} dates ahead"),
}
MORE: Final = says("And {count} more in your inbox", "And {count} more in your inbox")
SETTINGS: Final = say("You chose to be written to. How often is yours to decide, in the app.")
UNSUBSCRIBE: Final = say("No more mail like this")
OPEN: Final = say("Open it in the app")


def title_of(often: Often) -> ByLanguage:
    """What a digest is called."""
    return in_both(lambda language: translated(TITLES[often], language))


def summary_of(content: Content) -> ByLanguage:
    """How much there is in a digest."""
    counts = {
        Part.TOGETHER: len(content.together),
        Part.MINE: len(content.messages) + content.more_messages,
        Part.COMING: len(content.coming),
    }

    def said(language: Language) -> str:
        parts = [counted(COUNTS[part], count, language) for part, count in counts.items() if count]
        return " · ".join(parts)

    return in_both(said)


def counted(text: Several, count: int, language: Language) -> str:
    """A text with its number."""
    return translations(language).ngettext(*text, count).format(count=count)


def worded(item: Item, language: Language, zone: ZoneInfo) -> str:
    """What is said of a thing."""
    name = item.name.in_language(language)
    day = "" if item.at is None else day_of(item.at, language, zone)
    text = translated(ITEMS[item.what], language)
    return text.format(name=name, percent=item.percent, day=day)


def day_of(moment: datetime, language: Language, zone: ZoneInfo) -> str:
    """A day as it is said, such as 3 December, where the member lives."""
    pattern = "EEEE d MMMM" if language is Language.FRENCH else "EEEE, d MMMM"
    return format_date(moment.astimezone(zone), pattern, locale=language.value)


def in_both(said: Callable[[Language], str]) -> ByLanguage:
    """A text in each language."""
    return ByLanguage(fr=said(Language.FRENCH), en=said(Language.ENGLISH))
