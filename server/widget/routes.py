"""The widget's files, the page that shows it, and the frame for sites that can't run scripts."""

from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, MediaType, Request, Response, get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from community.publishable import service as publishable
from community.publishable.key import PublishableKey
from gamification.catalogue.service import current
from ground.errors import Invalid
from ground.languages import Language
from server.seed.site import MAKER
from server.widget import pages
from server.widget.errors import WidgetFileNotFound
from server.widget.files import files
from server.widget.pages import Wanted

AnyRequest = Request[Any, Any, Any]
Name = Annotated[str, PathParameter(min_length=1, max_length=80)]
Key = Annotated[str | None, QueryParameter(max_length=60)]
Lang = Annotated[Language | None, QueryParameter()]
FOR_ALL: Final = {"Access-Control-Allow-Origin": "*"}


class WidgetController(Controller):
    path = "/widget"
    include_in_schema = False
    opt = {"public": True, "credentials": "ignored"}  # noqa: RUF012

    @get()
    async def page(
        self,
        request: AnyRequest,
        language: NamedDependency[Language],
        key: Key = None,
        lang: Lang = None,
    ) -> Response[str]:
        """Show the widget at work, with what to copy."""
        settings = request.app.state.settings
        shown = await _key_to_show(key, demo=not settings.in_production)
        spoken = lang or language
        boards = (await current()).boards if shown else ()
        names = {each.slug: each.name.in_locale(spoken) for each in boards}
        body = pages.shown(settings, spoken, shown, names)
        return _page(body, pages.policy(settings))

    @get("/frame")
    async def frame(
        self,
        request: AnyRequest,
        language: NamedDependency[Language],
    ) -> Response[str]:
        """Show the widget alone, for a frame on the sites that the key names.

        The query has the element's attributes.
        """
        wanted = _wanted(request)
        known = await publishable.working_key(wanted.key)
        ancestors = " ".join(["'self'", *sorted(known.origins)])
        policy = pages.policy(request.app.state.settings, ancestors=ancestors)
        return _page(pages.framed(wanted, wanted.lang or language), policy)

    @get("/{name:str}")
    async def file(self, request: AnyRequest, name: Name) -> Response[bytes]:
        """Send a file of the widget."""
        found = files().get(name)
        if found is None:
            raise WidgetFileNotFound
        headers = FOR_ALL | {
            "ETag": found.etag,
            "Cache-Control": found.cache,
            "Vary": "Accept-Encoding",
            "Content-Type": found.kind,
        }
        if found.etag in request.headers.get("if-none-match", ""):
            return Response(b"", status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers |= {"Content-Encoding": "gzip"}
            return Response(found.compressed, headers=headers, media_type=found.kind)
        return Response(found.body, headers=headers, media_type=found.kind)


def _page(body: str, policy: str) -> Response[str]:
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-cache"}
    return Response(body, media_type=MediaType.HTML, headers=headers)


async def _key_to_show(key: str | None, *, demo: bool) -> PublishableKey | None:
    """The key that was asked for, or else the demo's."""
    if key is None and demo:
        key = await publishable.key_made_by(MAKER)
    return None if key is None else await publishable.working_key(key)


def _wanted(request: AnyRequest) -> Wanted:
    try:
        return msgspec.convert(dict(request.query_params), Wanted, strict=False)
    except msgspec.ValidationError as failure:
        raise Invalid(str(failure)) from failure
