"""What a manager writes to many: its words, whom it is for, and how gently it goes out."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from ground.languages import Language

Title = Annotated[
    str, Meta(min_length=1, max_length=120, examples=["Les résultats de l’automne sont là"])
]
Body = Annotated[
    str,
    Meta(max_length=1_000, examples=["Ensemble, vous avez écrit plus de mille critiques."]),
]
# A path of the app: never another site.
PATH: Final = r"^/([^/\s\\][^\s\\]*)?$"
CATEGORIES: Final = {"news": "campaign.news", "solicitation": "campaign.ask"}


class TitleText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A title in both languages."""

    fr: Title
    en: Annotated[Title, Meta(examples=["The results of autumn are here"])]

    def in_language(self, language: Language) -> str:
        return self.en if language is Language.ENGLISH else self.fr


class BodyText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text in both languages."""

    fr: Body
    en: Annotated[Body, Meta(examples=["Together you wrote more than a thousand reviews."])]

    def in_language(self, language: Language) -> str:
        return self.en if language is Language.ENGLISH else self.fr


class Steps(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="ramp",
    tag="steps",
):
    """First a part of the members, then a greater one, in the end all of them."""

    percents: Annotated[
        list[Annotated[int, Meta(ge=1, le=99)]],
        Meta(min_length=1, max_length=6, description="Rising; all of them come after the last."),
    ]
    every_minutes: Annotated[int, Meta(ge=1, le=1_440, description="Between two steps.")]


class Pace(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="ramp",
    tag="pace",
):
    """So many members a minute."""

    per_minute: Annotated[int, Meta(ge=1, le=100_000)]


Ramp = Steps | Pace


class Campaign(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A campaign as it is written."""

    title: TitleText
    body: BodyText
    kind: Annotated[
        Literal["news", "solicitation"],
        Meta(
            description="What asks something of members is a solicitation, and draws on their"
            " attention; news ask nothing."
        ),
    ]
    segment: Annotated[
        Annotated[str, Meta(max_length=80, examples=["explorers"])] | None,
        Meta(description="For this segment; null for everybody."),
    ] = None
    link: Annotated[
        str,
        Meta(
            max_length=200,
            pattern=PATH,
            description="Where it leads, as a path of the app.",
            examples=["/challenges"],
        ),
    ] = "/"
    image_url: Annotated[
        Annotated[str, Meta(max_length=200, examples=["https://images.example.com/autumn.jpg"])]
        | None,
        Meta(description="https, on a host of `PUSH_IMAGE_HOSTS`. It is not looked at here."),
    ] = None
    ramp: Annotated[Ramp | None, Meta(description="Null: all at once.")] = None
    lasts_hours: Annotated[
        int,
        Meta(ge=1, le=168, description="For how long it is worth a push, for each member."),
    ] = 48
    collapses: Annotated[
        str,
        Meta(
            max_length=40,
            pattern="^[a-z0-9-]*$",
            description="On a phone it takes the place of the last one of the same name.",
            examples=["weekly"],
        ),
    ] = ""

    @property
    def category(self) -> str:
        return CATEGORIES[self.kind]

    @property
    def asks(self) -> bool:
        return self.kind == "solicitation"
