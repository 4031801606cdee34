"""What phones and browsers would show of a campaign, as far as that is known. Pure."""

from typing import Annotated, Final, NamedTuple

import msgspec
from msgspec import Meta

from ground.languages import Language
from notifications.campaigns.definition import Campaign
from notifications.devices.tables import Platform
from notifications.push.push import LONGEST_BODY, LONGEST_TITLE, shortened


class Room(NamedTuple):
    """So many characters fit before one opens the notification, on common screens."""

    title: int
    body: int


# Android folds a text to one line, iOS to four; a browser's depends on the desktop.
FOLDED: Final = {
    Platform.ANDROID: Room(40, 45),
    Platform.IOS: Room(40, 150),
    Platform.WEB: Room(50, 90),
}
TitleShown = Annotated[str, Meta(max_length=130, examples=["Les résultats sont là"])]
BodyShown = Annotated[str, Meta(max_length=1_010, examples=["Ensemble, vous avez écrit…"])]


class ShownView(msgspec.Struct, frozen=True, kw_only=True):
    """What one platform shows in one language: folded on the locked screen, and opened."""

    language: Language
    platform: Platform
    title: TitleShown
    body: BodyShown
    folded_title: TitleShown
    folded_body: BodyShown
    is_cut: Annotated[bool, Meta(description="Whether a phone never shows all of it.")]


def shown(campaign: Campaign) -> list[ShownView]:
    """Each platform in each language."""
    return [_shown(campaign, language, platform) for language in Language for platform in Platform]


def _shown(campaign: Campaign, language: Language, platform: Platform) -> ShownView:
    title, body = (each.in_language(language) for each in (campaign.title, campaign.body))
    sent_title, sent_body = shortened(title, LONGEST_TITLE), shortened(body, LONGEST_BODY)
    room = FOLDED[platform]
    return ShownView(
        language=language,
        platform=platform,
        title=sent_title,
        body=sent_body,
        folded_title=shortened(title, room.title),
        folded_body=shortened(body, room.body),
        is_cut=(sent_title, sent_body) != (_on_one_line(title), _on_one_line(body)),
    )


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
