"""Read and change how one wishes to be spoken to."""

from litestar import Controller, get, patch
from litestar.di import NamedDependency
from litestar.params import JSONBody

from ground.callers import Caller
from ground.http import problem_responses
from ground.languages import Language
from notifications.preferences import wishes
from notifications.preferences.errors import NoPreferences
from notifications.preferences.views import WishesChange, WishesView


class PreferencesController(Controller):
    path = "/v1/me/preferences"
    tags = ("notifications",)

    @get(responses=problem_responses(NoPreferences))
    async def read(
        self, caller: NamedDependency[Caller], language: NamedDependency[Language]
    ) -> WishesView:
        """Read how you wish to be spoken to."""
        return WishesView.of(await wishes.read(caller.member), language)

    @patch(responses=problem_responses(NoPreferences))
    async def change(
        self,
        caller: NamedDependency[Caller],
        language: NamedDependency[Language],
        data: JSONBody[WishesChange],
    ) -> WishesView:
        """Change how you wish to be spoken to. What isn't given stays.

        In `categories`, name the kinds of messages and the channels to switch on or off. What is
        about your security or about what you did is always said. With `asks` you let yourself be
        asked for less than the programme would; more is understood as its own number.
        """
        await wishes.change(caller.member, data)
        return WishesView.of(await wishes.read(caller.member), language)
