"""How managers set the ceiling of what members are asked for."""

from litestar import Controller, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from ground.callers import Caller
from ground.roles import Role
from notifications.attention import service
from notifications.attention.budget import Ceiling
from notifications.attention.standing import ceiling
from notifications.attention.views import CeilingView

MANAGER = {"role": Role.MANAGER}


class AttentionController(Controller):
    path = "/v1/manage/attention"
    tags = ("manage",)

    @get(opt=MANAGER)
    async def read(self) -> CeilingView:
        """Read how often members may be asked for something."""
        return CeilingView.of(await ceiling())

    @put(opt=MANAGER)
    async def change(
        self, caller: NamedDependency[Caller], data: JSONBody[CeilingView]
    ) -> CeilingView:
        """Set how often members may be asked for something.

        Missions, surveys, campaigns and journeys draw on it together. Members may choose less for
        themselves, never more. It holds from the next sending on.
        """
        to = Ceiling(data.asks, data.days)
        await service.set_ceiling(to, by=caller)
        return CeilingView.of(to)
