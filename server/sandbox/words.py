"""What the page of the sandbox says, in both languages."""

from typing import Final

import msgspec

from ground.languages import Language


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """The page's texts."""

    title: str
    about: str
    nothing: str
    again: str
    platforms: dict[str, str]


WORDS: Final = {
    Language.ENGLISH: Words(
        title="Phones",
        about="What the installation pushes, on phones that don't exist. Nothing goes to Google.",
        nothing="Nothing was pushed yet. Register a device with PUT /v1/me/devices/{device_id}.",
        again="{times} times, shown once",
        platforms={"android": "Android", "apns": "iPhone", "webpush": "Browser", "": "Any"},
    ),
    Language.FRENCH: Words(
        title="Téléphones",
        about="Ce que l’installation envoie, sur des téléphones qui n’existent pas. Rien ne part "
        "chez Google.",
        nothing="Rien n’a encore été envoyé. Enregistrez un appareil avec "
        "PUT /v1/me/devices/{device_id}.",
        again="{times} fois, affiché une seule fois",
        platforms={"android": "Android", "apns": "iPhone", "webpush": "Navigateur", "": "Tous"},
    ),
}
