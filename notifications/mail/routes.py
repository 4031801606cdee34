"""Choose to be written to, and end it, with one click and without signing in."""

from typing import Annotated, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Controller, MediaType, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta

from ground.callers import Caller
from ground.http import problem_responses
from ground.languages import Language
from notifications.mail import addresses
from notifications.mail.door import mailing
from notifications.mail.errors import AddressNotProved, MailNotSetUp
from notifications.mail.views import MailView
from notifications.mail.words import PAGES, Page
from notifications.wording.rendering import translated

Token = Annotated[str, Meta(max_length=64)]
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
PAPER: Final = Environment(
    loader=PackageLoader("notifications.mail"), autoescape=True, undefined=StrictUndefined
)


class MailController(Controller):
    path = "/v1/me/mail"
    tags = ("notifications",)

    @get()
    async def read(self, caller: NamedDependency[Caller]) -> MailView:
        """Read whether digests are sent to you as mail, and where."""
        return await _view(caller)

    @put(responses=problem_responses(AddressNotProved, MailNotSetUp))
    async def choose(self, caller: NamedDependency[Caller]) -> MailView:
        """Have your digests sent to you as mail.

        They go to the address that your sign-in proves to be yours; it is kept for as long as you
        want mail. Doing it again, after your address changed, takes the new one.
        """
        await addresses.choose(caller.member, caller.email if caller.email_verified else None)
        return await _view(caller)

    @delete()
    async def stop(self, caller: NamedDependency[Caller]) -> None:
        """Have no mail sent to you any more. Your address is forgotten at once."""
        await addresses.stop(caller.member)


async def _view(caller: Caller) -> MailView:
    row = await addresses.of_member(caller.member)
    address = None if row is None else row["address"]
    return MailView(
        available=mailing() is not None,
        wanted=address is not None,
        address=address,
        refused_at=None if row is None else row["refused_at"],
    )


class UnsubscribeController(Controller):
    path = "/unsubscribe"
    include_in_schema = False
    opt = {"public": True, "credentials": "ignored"}  # noqa: RUF012

    @get("/{token:str}")
    async def ask(
        self, token: FromPath[Token], language: NamedDependency[Language]
    ) -> Response[str]:
        """Ask whether it is meant: programs follow links too, and mustn't end anything."""
        return _page(Page.ASKS if await addresses.is_known(token) else Page.UNKNOWN, language)

    @post("/{token:str}", status_code=200)
    async def stop(
        self, token: FromPath[Token], language: NamedDependency[Language]
    ) -> Response[str]:
        """Write no more to whom this was written. It may be done again."""
        return _page(Page.DONE if await addresses.stop_by(token) else Page.UNKNOWN, language)


def _page(page: Page, language: Language) -> Response[str]:
    title, text, button = (translated(each, language) if each else "" for each in PAGES[page])
    content = PAPER.get_template("unsubscribe.html").render(
        language=language.value, title=title, text=text, button=button
    )
    return Response(content, media_type=MediaType.HTML, headers=HEADERS)
