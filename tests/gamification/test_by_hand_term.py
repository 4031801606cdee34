"""A badge that nobody earns by what they do: managers give it."""

from datetime import UTC, datetime

import pytest

from gamification.by_hand import service as by_hand
from gamification.by_hand.act import Outcome, Wanted
from gamification.by_hand.reason import Reason
from gamification.by_hand.tables import Does
from gamification.catalogue.errors import CatalogueInvalid
from gamification.catalogue.publishing import publish
from gamification.credit import credit_many
from gamification.recognition import replay
from ground import clock
from tests.gamification.drafts import badge, file, tier
from tests.gamification.programme import ALICE, activity, badges_of, take_part
from tests.gamification.test_hands_confluence import MONA

NOW = datetime(2026, 11, 5, 12, 0, tzinfo=UTC)
BY_HAND = {"term": "by_hand"}


async def test_it_is_given_and_never_earned_and_others_may_ask_for_it(database):
    await publish(
        file(
            badge=[
                badge(BY_HAND, slug="host"),
                badge({"term": "holds", "badge": "host"}, slug="welcoming"),
            ]
        ),
        to_the_past=True,
    )
    await take_part({ALICE: "Europe/Paris"})
    with clock.frozen(NOW):
        await credit_many([activity("post", str(n), NOW) for n in range(5)])
        before = await badges_of(ALICE)
        wanted = Wanted(does=Does.GIVE, slug="host", members=(ALICE,), reason=Reason(fr="Merci."))
        _, [result] = await by_hand.act(wanted, by=MONA)

    assert before == {}
    assert result.outcome is Outcome.DONE
    assert await badges_of(ALICE) == {"host": NOW, "welcoming": NOW}
    assert await replay.check() == []


@pytest.mark.parametrize(
    ("tables", "place"),
    [
        pytest.param(
            {"badge": [badge({"term": "none", "of": [BY_HAND]})]},
            "/badge/0/criteria/of/0",
            id="inside another term",
        ),
        pytest.param({"tier": [tier(BY_HAND)]}, "/tier/0/criteria", id="a tier"),
    ],
)
async def test_it_stands_alone(database, tables, place):
    with pytest.raises(CatalogueInvalid) as refused:
        await publish(file(**tables), to_the_past=True)

    assert place in [error.pointer for error in refused.value.errors]
