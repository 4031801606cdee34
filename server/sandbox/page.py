"""The phones and the mails, as pages."""

from functools import cache
from importlib import resources
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from ground.languages import Language
from server.sandbox.mails import Mail, Mails
from server.sandbox.phones import Phones
from server.sandbox.words import WORDS

HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}
# What somebody wrote is shown and not believed: nothing of it runs, asks or loads.
LETTER: Final = HEADERS | {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox",
    "referrer-policy": "no-referrer",
}


@cache
def _pages() -> Environment:
    return Environment(
        loader=PackageLoader("server.sandbox"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )


@cache
def style() -> bytes:
    """How the pages look."""
    return resources.files("server.sandbox").joinpath("page.css").read_bytes()


def phones_page(phones: Phones, language: Language) -> bytes:
    """The phones that received something last, and what they show, newest on top."""
    shown = [list(received) for received in reversed(phones.shown.values())]
    return _page("phones.html", language, at="phones", phones=shown)


def mails_page(mails: Mails, language: Language) -> bytes:
    """The last mails."""
    return _page("mails.html", language, at="mails", keeps=mails.keeps, mails=mails.newest())


def mail_page(mail: Mail, language: Language) -> bytes:
    """One mail: both of its parts."""
    return _page("mail.html", language, at="mail", mail=mail)


def letter_page(mail: Mail) -> bytes:
    """The HTML of a mail. Its links open beside it, as they do in a mail program."""
    return mail.html.replace("<head>", '<head><base target="_blank">', 1).encode()


def _page(name: str, language: Language, **facts: object) -> bytes:
    page = _pages().get_template(name)
    return page.render(words=WORDS[language], language=language, **facts).encode()
