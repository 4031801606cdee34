"""Puts everything together into one ASGI application."""

import os
from typing import Any

from litestar import Controller, Litestar, Request
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.middleware import DefineMiddleware

from community.activities.routes import ActivityController
from community.audit.routes import AuditController
from community.boards.routes import BoardController
from community.by_hand.routes import ActController
from community.campaigns.routes import CampaignController
from community.catalogue.routes import PreviewedController
from community.challenges.managed.routes import ManagedChallengeController
from community.challenges.routes import ChallengeController
from community.charter.routes import CharterController, OwnAcceptancesController
from community.claims.routes import ClaimCodeController, ClaimController
from community.entries.routes import EntryController
from community.keys.routes import KeyController
from community.members.routes import MeController, MemberController
from community.profiles.routes import ProfileController
from community.public.routes import PublicController
from community.publishable.routes import PublishableKeyController
from community.roster.routes import RosterController
from community.segments.routes import SegmentController
from community.squads.routes import ManagedSquadController, OwnSquadController, SquadController
from gamification.badges.routes import BadgeController
from gamification.catalogue.drafts.routes import (
    CatalogueFileController,
    ManagedBadgeController,
    ManagedBoardController,
    ManagedKindController,
    ManagedSeasonController,
    ManagedSegmentController,
    ManagedTierController,
)
from gamification.catalogue.previews.routes import PreviewController
from gamification.catalogue.releases.routes import PublicationController
from gamification.catalogue.routes import BadgeImageController, CatalogueController
from gamification.seasons.routes import SeasonClosingController, SeasonController
from gamification.standings.routes import StandingController
from ground import http
from ground.callers import Caller
from ground.languages import Language
from notifications.attention.routes import AttentionController
from notifications.campaigns.routes import OpeningController
from notifications.devices.routes import DeviceController
from notifications.digests.routes import DigestController
from notifications.inbox.routes import InboxController
from notifications.journeys.routes import ManagedJourneyController, MyJourneysController
from notifications.mail.routes import MailController, UnsubscribeController
from notifications.preferences.routes import PreferencesController
from notifications.push.routes import PushController
from server import problems
from server.auth.callers import Callers
from server.auth.firebase import TokenVerifier
from server.auth.guard import Guard
from server.auth.routes import DevelopmentSignInController
from server.config import Settings
from server.connections import connections
from server.docs.routes import DocsController, Documents
from server.health import Health, HealthController
from server.live.routes import AsyncApiController, LiveTicketController
from server.logging import configure_logging
from server.metrics import MetricsController
from server.middleware.authentication import Authentication
from server.middleware.bodies import Bodies
from server.middleware.cors import Cors
from server.middleware.gate import Gate, SecurityHeaders
from server.middleware.idempotency import Idempotency
from server.middleware.rate_limits import RateLimiter, RateLimits
from server.middleware.requests import Methods, RequestRecord, methods_of
from server.programme import apply_programme
from server.requests import ApiRequest
from server.sites.layer import Sites
from server.widget.routes import WidgetController

CONTROLLERS: list[type[Controller]] = [
    ActController,
    ActivityController,
    AsyncApiController,
    AttentionController,
    AuditController,
    BadgeController,
    BadgeImageController,
    BoardController,
    CampaignController,
    CatalogueController,
    CatalogueFileController,
    ChallengeController,
    CharterController,
    ClaimCodeController,
    ClaimController,
    DeviceController,
    DigestController,
    DocsController,
    EntryController,
    HealthController,
    InboxController,
    KeyController,
    LiveTicketController,
    MailController,
    ManagedBadgeController,
    ManagedBoardController,
    ManagedChallengeController,
    ManagedJourneyController,
    ManagedKindController,
    ManagedSeasonController,
    ManagedSegmentController,
    ManagedSquadController,
    ManagedTierController,
    MeController,
    MemberController,
    MetricsController,
    MyJourneysController,
    OpeningController,
    OwnAcceptancesController,
    OwnSquadController,
    PreferencesController,
    PreviewController,
    PreviewedController,
    ProfileController,
    PublicController,
    PublicationController,
    PublishableKeyController,
    PushController,
    RosterController,
    SeasonClosingController,
    SeasonController,
    SegmentController,
    SquadController,
    StandingController,
    UnsubscribeController,
    WidgetController,
]
# Signing in without Firebase: in production these routes don't exist.
DEVELOPMENT_CONTROLLERS: list[type[Controller]] = [DevelopmentSignInController]


def create_app(settings: Settings | None = None) -> Litestar:
    """The application, from the environment's settings unless others are given."""
    settings = settings or Settings.from_environment(os.environ)
    configure_logging(settings)
    apply_programme(settings)
    limiter = RateLimiter(settings)
    verifier = TokenVerifier(settings)
    callers = Callers(verifier)
    app = Litestar(
        route_handlers=[*CONTROLLERS, *_for_development(settings)],
        middleware=[
            layer(Authentication, callers=callers, limiter=limiter),
            layer(RateLimits, limiter=limiter),
            layer(Guard),
            layer(Bodies),
            layer(Idempotency, trusted_proxy=settings.trusted_proxy),
        ],
        dependencies={
            "caller": Provide(caller_of, sync_to_thread=False),
            "language": Provide(language_of, sync_to_thread=False),
            "health": Provide(health_of, sync_to_thread=False),
        },
        exception_handlers={Exception: problems.handle},
        request_class=ApiRequest,
        lifespan=[connections],
        # Bodies has read and measured it before Litestar does.
        request_max_body_size=None,
        state=State(
            {
                "settings": settings,
                "verifier": verifier,
                "callers": callers,
                "documents": Documents(),
                "health": Health(),
            }
        ),
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    _surround(app, settings)
    return app


def layer(middleware: Any, **given: Any) -> DefineMiddleware:  # noqa: ANN401
    """A middleware of plain ASGI, whose types are wider than Litestar's."""
    return DefineMiddleware(middleware, **given)


def _for_development(settings: Settings) -> list[type[Controller]]:
    return [] if settings.in_production else DEVELOPMENT_CONTROLLERS


def _surround(app: Litestar, settings: Settings) -> None:
    """Put around the router what also answers where there is no route."""
    inner: Any = Methods(app.asgi_handler, methods_of(app))  # type: ignore[arg-type]
    inner = Gate(Cors(inner, settings), settings)
    sites = Sites(SecurityHeaders(inner, settings), settings)
    app.state.sites = sites
    app.asgi_handler = RequestRecord(sites)  # type: ignore[assignment]


def caller_of(request: Request[Caller, Any, State]) -> Caller:
    """Who calls, for handlers that ask for `caller`."""
    return request.user


def language_of(
    request: Request[Caller, Any, State],
    caller: NamedDependency[Caller],  # noqa: ARG001 - asked for, so that they come one by one
) -> Language:
    """What to speak, for handlers that ask for `language`.

    Dependencies that wait for nobody Litestar resolves side by side, each in a task of its own,
    which costs a request more than all of them do.
    """
    return http.language_of(request)


def health_of(state: State) -> Health:
    health: Health = state.health
    return health
