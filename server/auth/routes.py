"""Signing in without Firebase, on a developer's machine only."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, post
from litestar.params import JSONBody

from server.auth.emulator import emulator_token
from server.middleware.rate_limits import SIGN_IN


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    """Whoever one wants to be."""

    uid: Annotated[
        str,
        msgspec.Meta(
            min_length=1, max_length=128, description="The Firebase user.", examples=["camille"]
        ),
    ]
    name: Annotated[str, msgspec.Meta(max_length=100, examples=["Camille"])] | None = None
    email: (
        Annotated[
            str,
            msgspec.Meta(
                max_length=254, pattern=r"^[^@\s]+@[^@\s]+$", examples=["camille@example.com"]
            ),
        ]
        | None
    ) = None
    email_verified: bool = True


class SignedIn(msgspec.Struct):
    """A token to send as `Authorization: Bearer ...`. It lasts an hour."""

    id_token: Annotated[str, msgspec.Meta(examples=["eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."])]


class DevelopmentSignInController(Controller):
    path = "/v1/dev/sign-in"
    tags = ("development",)

    @post(opt={"public": True, "credentials": "ignored", "limit": SIGN_IN}, status_code=200)
    async def sign_in(self, request: Request[Any, Any, Any], data: JSONBody[SignIn]) -> SignedIn:
        """Sign in as anybody, in development.

        The token has the format of the Firebase Auth emulator, which firebase-admin verifies
        here like any other. In production this route doesn't exist.
        """
        token = emulator_token(
            request.app.state.settings.project_id,
            data.uid,
            name=data.name,
            email=data.email,
            email_verified=data.email_verified,
        )
        return SignedIn(token)
