"""The page that shows the widget, and the one that sites put into a frame."""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Annotated, Final, Literal
from urllib.parse import urlencode, urlsplit

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from msgspec import Meta

from community.boards.periods import Period
from community.public.service import MOST
from community.publishable.key import PublishableKey
from ground.languages import Language
from server.config import Settings
from server.live.addresses import socket_url
from server.widget.files import SCRIPT, files, versioned
from server.widget.words import WORDS

Text = Annotated[str, Meta(max_length=80)]
EXAMPLE_KEY: Final = "pk_…"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a frame shows, as attributes of the element."""

    key: Text
    board: Text | None = None
    challenge: Text | None = None
    period: Period | None = None
    limit: Annotated[int, Meta(ge=1, le=MOST)] | None = None
    theme: Literal["light", "dark"] | None = None
    lang: Language | None = None
    live: bool = False

    @property
    def element(self) -> str:
        return "ambassade-challenge" if self.challenge else "ambassade-leaderboard"

    @property
    def attributes(self) -> dict[str, str]:
        given = msgspec.structs.asdict(self).items()
        return {name: "" if value is True else str(value) for name, value in given if value}


def shown(
    settings: Settings, language: Language, key: PublishableKey | None, names: Mapping[str, str]
) -> str:
    """The page for who wants to put the widget into a site. Boards are shown by their names."""
    boards: Collection[str] = () if key is None else key.boards
    challenges: Collection[str] = () if key is None else key.challenges
    base = settings.public_url.rstrip("/")
    script = files()[SCRIPT]
    board = "month" if "month" in boards or not boards else min(boards)
    called = EXAMPLE_KEY if key is None else key.key
    in_frame = Wanted(key=called, board=board)
    return (
        _environment()
        .get_template("page.html")
        .render(
            words=WORDS[language],
            language=language.value,
            name=settings.programme_name,
            base=base,
            key=key and key.key,
            example_key=called,
            board=board,
            boards={slug: names.get(slug, slug) for slug in sorted(boards)},
            challenge=min(challenges, default=None),
            versioned=versioned(script.body),
            integrity=script.integrity,
            framed=f"{base}/widget/frame?{urlencode(in_frame.attributes)}",
            live=live_origin(settings),
        )
    )


def framed(wanted: Wanted, language: Language) -> str:
    """The element alone, filling a frame."""
    return (
        _environment()
        .get_template("frame.html")
        .render(
            language=language.value,
            title=WORDS[language]["framed"],
            element=wanted.element,
            attributes=wanted.attributes,
        )
    )


def policy(settings: Settings, *, ancestors: str = "'none'") -> str:
    """What our own pages may load: nothing from elsewhere."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; frame-src 'self'; "
        f"connect-src 'self' {live_origin(settings)}; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors {ancestors}"
    )


def live_origin(settings: Settings) -> str:
    """Where sockets lead, for `connect-src`."""
    parts = urlsplit(socket_url(settings))
    return f"{parts.scheme}://{parts.netloc}"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("server.widget"), autoescape=True, undefined=StrictUndefined
    )
