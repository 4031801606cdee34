"""Real sockets: from the ticket to the event, and everybody who is turned away."""

async def test_a_member_is_welcome_with_a_ticket_and_hears_what_happens(place, join, sign_in):
    member = await join("camille", "Camille")
    async with place.signed_in(sign_in("camille")) as camille:
        assert camille.welcome == {"is": "welcome", "member": str(member), "ping_seconds": 20}
        told = await camille.subscribe("me")
        assert told["is"] == "subscribed", told
