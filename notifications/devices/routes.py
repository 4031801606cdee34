"""Say on which devices one can be reached."""

from uuid import UUID

from litestar import Controller, delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from ground.callers import Caller
from ground.http import problem_responses
from notifications.devices import service
from notifications.devices.errors import NobodyToReach
from notifications.devices.views import DevicesView, DeviceView, DeviceWanted


class DeviceController(Controller):
    path = "/v1/me/devices"
    tags = ("me",)

    @get()
    async def list_devices(self, caller: NamedDependency[Caller]) -> DevicesView:
        """List the devices on which you can be reached, the last seen first.

        There are ten at most. Their tokens are told to nobody.
        """
        found = await service.of_member(caller.member)
        return DevicesView(items=[DeviceView.of(known) for known in found])

    @put("/{device_id:uuid}", responses=problem_responses(NobodyToReach))
    async def register(
        self,
        caller: NamedDependency[Caller],
        device_id: FromPath[UUID],
        data: JSONBody[DeviceWanted],
    ) -> DeviceView:
        """Be reached on this device, or say that its token is a new one.

        The app makes the id once, when it is installed, and calls this at each start, after each
        sign-in and whenever Firebase gives it another token. Doing it again changes nothing but
        when it was last seen. A phone belongs to who signed in on it last: whoever was reached on
        it before isn't any more. An eleventh device takes the place of the one that was silent
        for longest, and what was silent for 270 days is forgotten.
        """
        return DeviceView.of(await service.register(caller.member, device_id, data.registering()))

    @delete("/{device_id:uuid}")
    async def forget(self, caller: NamedDependency[Caller], device_id: FromPath[UUID]) -> None:
        """Be reached on this device no more, as before signing out.

        Doing it again changes nothing, and nor does it for a device of somebody else.
        """
        await service.forget(caller.member, device_id)
