"""The phones, drawn."""

from functools import cache
from importlib import resources
from typing import Final

from jinja2 import Environment, Template

from ground.languages import Language
from server.sandbox.phones import Phones
from server.sandbox.words import WORDS

HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
}


@cache
def _template() -> Template:
    text = resources.files("server.sandbox").joinpath("page.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, trim_blocks=True).from_string(text)


@cache
def style() -> bytes:
    """How the page looks."""
    return resources.files("server.sandbox").joinpath("page.css").read_bytes()


def page(phones: Phones, language: Language) -> bytes:
    """The phones that received something last, and what they show, newest on top."""
    shown = [list(received) for received in reversed(phones.shown.values())]
    return _template().render(phones=shown, words=WORDS[language], language=language).encode()
