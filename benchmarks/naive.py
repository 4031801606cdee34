"""The product, but for one route: activities are recorded straightforwardly, a transaction a call.

Everything around it is the product's own: authentication, limits, guard, rules, answers.
"""

from collections.abc import Mapping
from unittest import mock
from uuid import UUID

from litestar import Litestar, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK

import server.app
from community.activities import service
from community.activities.references import Reference
from community.activities.routes import INGEST, ActivityController
from community.activities.service import Told
from community.activities.views import ActivitiesTold, ResultsView, ResultView
from community.keys.system import System
from gamification.credit import credit_many
from gamification.ledger.activity import Activity, Credited
from ground.callers import Caller
from ground.unit_of_work import retried


class NaiveController(ActivityController):
    path = "/v1/activities"

    @post(opt=INGEST, status_code=HTTP_200_OK)
    async def record(
        self, caller: NamedDependency[Caller], data: JSONBody[ActivitiesTold]
    ) -> ResultsView:
        """Record what members did, in a transaction of this call alone."""
        source = System.of(caller).source
        told = [each.told() for each in data.activities]
        answers = await retried(lambda: in_one_transaction(source, told))
        return ResultsView(
            results=[
                ResultView.of(each.key, answer) for each, answer in zip(told, answers, strict=True)
            ]
        )


async def in_one_transaction(source: str, told: list[Told]) -> list[Credited]:
    """Look members up and credit. Who is unknown is a mistake of the benchmark."""
    named = await service.named({each.member for each in told if each.member is not None})
    return await credit_many([activity_of(source, each, named) for each in told])


def activity_of(source: str, told: Told, named: Mapping[Reference, UUID | None]) -> Activity:
    """The activity of a member who is there."""
    member_id = None if told.member is None else named[told.member]
    if member_id is None or told.occurred_at is None:
        raise LookupError("the benchmark tells of known members and moments only")
    return Activity(
        member_id=member_id,
        kind=told.kind,
        source=source,
        key=told.key,
        occurred_at=told.occurred_at,
        subject=told.subject,
        quantity=told.quantity,
        fields=told.fields,
    )


def create_app() -> Litestar:
    """The product's application with the other controller."""
    controllers = [
        NaiveController if each is ActivityController else each for each in server.app.CONTROLLERS
    ]
    with mock.patch.object(server.app, "CONTROLLERS", controllers):
        return server.app.create_app()
