"""Gathers digests by the clock. Any number of workers may: each member's comes once a period.

Each page is one transaction: a worker that dies leaves it as it was, and another takes it.
"""

from community.digests.sources import SOURCES
from ground import clock
from ground.unit_of_work import retried
from notifications.digests import service
from notifications.digests.content import Part
from notifications.digests.mailing import send_waiting


async def by_the_clock() -> None:
    """Tell those whose time has come what there is to tell, and send the mails that wait."""
    while await retried(_page):
        pass
    await send_waiting()


async def _page() -> int:
    looked_at, readers = await service.take(clock.now())
    if readers:
        found: dict[Part, service.Items] = {Part.TOGETHER: {}, Part.COMING: {}}
        for source in SOURCES:
            gathered = await source.gather(readers)
            before = found[source.part]
            found[source.part] = {
                each.member_id: [
                    *before.get(each.member_id, ()),
                    *gathered.get(each.member_id, ()),
                ]
                for each in readers
            }
        await service.tell(readers, found)
    return looked_at
