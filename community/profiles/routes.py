"""Look at each other."""

from uuid import UUID

from litestar import Controller, get
from litestar.params import FromPath

from community.members.errors import MemberNotFound
from community.profiles import service
from community.profiles.views import ProfileView
from ground.http import problem_responses


class ProfileController(Controller):
    path = "/v1/members"
    tags = ("members",)

    @get("/{member_id:uuid}", responses=problem_responses(MemberNotFound))
    async def read(self, member_id: FromPath[UUID]) -> ProfileView:
        """Read what a member chose to show.

        Whoever is hidden, left, or never was there gets the same answer: `member_not_found`.
        """
        return ProfileView.of(await service.shown(member_id))
