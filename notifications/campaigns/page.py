"""A page with a campaign on the outlines of phones, in both languages. It loads only its image."""

import base64
import hashlib
from html import escape
from importlib import resources
from typing import Final
from urllib.parse import urlsplit

from ground.languages import Language
from notifications.campaigns.definition import Campaign
from notifications.campaigns.phones import ShownView, shown

NAMES: Final = {Language.FRENCH: "Français", Language.ENGLISH: "English"}
FOLDED: Final = {Language.FRENCH: "Écran verrouillé", Language.ENGLISH: "Locked screen"}
OPENED: Final = {Language.FRENCH: "Déplié", Language.ENGLISH: "Unfolded"}
PLATFORMS: Final = {"android": "Android", "ios": "iPhone", "web": "Web"}
CSS: Final = resources.files("notifications.campaigns").joinpath("preview.css").read_text()
CSS_HASH: Final = base64.b64encode(hashlib.sha256(CSS.encode()).digest()).decode()

PAGE: Final = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><style>{css}</style></head>
<body><main>{languages}</main></body></html>
"""
LANGUAGE: Final = '<section lang="{lang}"><h2>{name}</h2><ul>{phones}</ul></section>'
PHONE: Final = """<li class="{platform}"><h3>{name}</h3>
<article><small>{folded}</small><strong>{folded_title}</strong><p>{folded_body}</p></article>
<article><small>{opened}</small><strong>{title}</strong><p>{body}</p>{image}</article></li>
"""


def policy(campaign: Campaign) -> str:
    """What a browser may load for the page: its own style, and the one image."""
    host = urlsplit(campaign.image_url or "").hostname
    image = f"https://{host}" if host else "'none'"
    return (
        f"default-src 'none'; style-src 'sha256-{CSS_HASH}'; img-src {image};"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def page(campaign: Campaign) -> str:
    """The page."""
    views = shown(campaign)
    return PAGE.format(
        title=escape(campaign.title.fr),
        css=CSS,
        languages="".join(
            LANGUAGE.format(
                lang=language.value,
                name=NAMES[language],
                phones="".join(
                    _phone(each, campaign) for each in views if each.language is language
                ),
            )
            for language in Language
        ),
    )


def _phone(view: ShownView, campaign: Campaign) -> str:
    image = f'<img src="{escape(campaign.image_url)}" alt="">' if campaign.image_url else ""
    return PHONE.format(
        platform=view.platform.value,
        name=PLATFORMS[view.platform.value],
        folded=FOLDED[view.language],
        opened=OPENED[view.language],
        folded_title=escape(view.folded_title),
        folded_body=escape(view.folded_body),
        title=escape(view.title),
        body=escape(view.body),
        image=image,
    )
