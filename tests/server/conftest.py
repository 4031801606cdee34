"""An application with trial routes, and callers of it."""

import pytest

from server import app as server_app
from server.app import create_app
from tests.conftest import calling
from tests.server.trial import TrialController


@pytest.fixture(scope="session")
def make_trial_app():
    """Make the application with the trial routes, from any settings."""
    made = []

    def make(settings):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(server_app, "CONTROLLERS", [*server_app.CONTROLLERS, TrialController])
            made.append(create_app(settings))
        return made[-1]

    yield make
    for app in made:
        app.state.verifier.close()


@pytest.fixture(scope="session")
def trial_app(make_trial_app, settings):
    return make_trial_app(settings)


@pytest.fixture
async def trials(trial_app, database, monkeypatch):
    """A client of the application with the trial routes."""
    monkeypatch.setattr(TrialController, "failed_once", False)
    trial_app.state.callers.members.forget_all()
    trial_app.state.callers.keys.forget_all()
    async with calling(trial_app) as client:
        yield client
