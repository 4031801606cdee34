"""How staff sees whether pushes leave, and lets them go on."""

from litestar import Controller, get, put
from litestar.di import NamedDependency

from ground import clock
from ground.callers import Caller
from ground.roles import Role
from notifications.push import service
from notifications.push.views import PushView

MANAGER = {"role": Role.MANAGER}


class PushController(Controller):
    path = "/v1/manage/push"
    tags = ("manage",)

    @get(opt=MANAGER)
    async def read(self) -> PushView:
        """Read whether pushes leave, and if not, why and what to do about it.

        When Firebase says that something is wrong with the project as a whole, nothing more is
        sent to it until somebody has looked. What it asks patience for passes by itself.
        """
        return PushView.of(await service.standing(), clock.now())

    @put("/resumed", opt=MANAGER)
    async def resume(self, caller: NamedDependency[Caller]) -> PushView:
        """Send again, once what was wrong has been mended.

        What is held is tried again at once, too. If it wasn't mended, the next answer stops it
        anew. Resuming what runs changes nothing.
        """
        await service.resume(by=caller)
        return PushView.of(await service.standing(), clock.now())
