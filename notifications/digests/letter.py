"""A digest as mail: HTML, and the same in plain text. Pure."""

from datetime import datetime
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from ground.languages import Language
from notifications.digests.showing import Shown
from notifications.digests.words import OPEN, SETTINGS, UNSUBSCRIBE
from notifications.mail.door import Mailing
from notifications.mail.letter import Letter
from notifications.wording.rendering import translated

PAPER: Final = Environment(
    loader=PackageLoader("notifications.digests"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Envelope:
    """Whom a digest goes to, and what stands on it."""

    def __init__(self, digest_id: int, to: str, token: str, language: Language) -> None:
        self.digest_id = digest_id
        self.to = to
        self.token = token
        self.language = language


def letter_of(shown: Shown, envelope: Envelope, by: Mailing, at: datetime) -> Letter:
    """The mail of a digest. Tried again it is the same one."""
    language = envelope.language
    words = {
        "programme": by.programme,
        "title": shown.title,
        "open": translated(OPEN, language),
        "settings": translated(SETTINGS, language),
        "unsubscribe": translated(UNSUBSCRIBE, language),
    }
    links = {
        "app": by.address_of(f"/digests/{envelope.digest_id}"),
        "unsubscribe": by.address_of(f"/unsubscribe/{envelope.token}"),
    }
    return Letter(
        to=envelope.to,
        subject=f"{by.programme} · {shown.title}",
        text=_text(shown, words, links, by),
        html=PAPER.get_template("digest.html").render(
            language=language.value,
            shown=shown,
            words=words,
            links=links,
            address_of=by.address_of,
        ),
        language=language,
        message_id=f"<digest.{envelope.digest_id}@{by.domain}>",
        unsubscribe=links["unsubscribe"],
        at=at,
    )


def _text(shown: Shown, words: dict[str, str], links: dict[str, str], by: Mailing) -> str:
    lines = [f"{words['programme']} · {shown.title}"]
    for part in shown.parts:
        lines += ["", part.heading.upper(), ""]
        for line in part.lines:
            lines += [f"- {line.text}", f"  {by.address_of(line.link)}"]
    lines += ["", words["open"], links["app"], "", "-- "]
    lines += [words["settings"], words["unsubscribe"], links["unsubscribe"], ""]
    return "\n".join(lines)
