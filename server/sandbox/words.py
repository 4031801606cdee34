"""What the pages of the sandbox say, in both languages."""

from typing import Final

import msgspec

from ground.languages import Language


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """The pages' texts."""

    contents: str
    phones: str
    about_phones: str
    no_push: str
    again: str
    platforms: dict[str, str]
    mails: str
    about_mails: str
    elsewhere: str
    no_mail: str
    no_subject: str
    html_part: str
    text_part: str
    no_part: str
    raw: str


WORDS: Final = {
    Language.ENGLISH: Words(
        contents="Contents",
        phones="Phones",
        about_phones="What the installation pushes, on phones that don’t exist. "
        "Nothing goes to Google.",
        no_push="Nothing was pushed yet. Register a device with PUT /v1/me/devices/{device_id}.",
        again="{times} times, shown once",
        platforms={"android": "Android", "apns": "iPhone", "webpush": "Browser", "": "Any"},
        mails="Mails",
        about_mails="What the installation writes to its members, kept in a folder. "
        "Nothing leaves this machine.",
        elsewhere="No mail is kept here: SMTP_URL leads elsewhere, or is not set.",
        no_mail="Nothing was written yet. Choose digests by mail with PUT /v1/me/mail.",
        no_subject="Without a subject",
        html_part="HTML",
        text_part="Plain text",
        no_part="There is none.",
        raw="The mail as it was sent",
    ),
    Language.FRENCH: Words(
        contents="Sommaire",
        phones="Téléphones",
        about_phones="Ce que l’installation envoie, sur des téléphones qui n’existent pas. "
        "Rien ne part chez Google.",
        no_push="Rien n’a encore été envoyé. Enregistrez un appareil avec "
        "PUT /v1/me/devices/{device_id}.",
        again="{times} fois, affiché une seule fois",
        platforms={"android": "Android", "apns": "iPhone", "webpush": "Navigateur", "": "Tous"},
        mails="E-mails",
        about_mails="Ce que l’installation écrit à ses membres, gardé dans un dossier. "
        "Rien ne quitte cette machine.",
        elsewhere="Aucun e-mail n’est gardé ici : SMTP_URL mène ailleurs, ou n’est pas défini.",
        no_mail="Rien n’a encore été écrit. Choisissez les récapitulatifs par e-mail avec "
        "PUT /v1/me/mail.",
        no_subject="Sans objet",
        html_part="HTML",
        text_part="Texte brut",
        no_part="Il n’y en a pas.",
        raw="L’e-mail tel qu’il a été envoyé",
    ),
}
