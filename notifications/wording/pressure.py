"""What puts pressure on people, and how it is put in French and English.

Patterns are read without accents and in small letters; a space stands for any white space. What
is only sometimes pressure (`argent` in a medal, `pay attention`) is spelled out so far that the
harmless use gets through.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from ground.languages import Language


class Pressure(StrEnum):
    """What is wrong with some words."""

    GUILT = "guilt"
    SHAME = "shame"
    URGENCY = "urgency"
    MONEY = "money"


EXPLAINED: Final[Mapping[Pressure, str]] = {
    Pressure.GUILT: "makes people feel guilty: nobody owes us anything",
    Pressure.SHAME: "compares people so that they look bad",
    Pressure.URGENCY: "presses for time: say plainly until when it is possible",
    Pressure.MONEY: "speaks of money: recognition is the only currency here",
}

# In any language.
ANYWHERE: Final[Mapping[Pressure, tuple[str, ...]]] = {
    Pressure.URGENCY: (r"!\s?!+",),
    Pressure.MONEY: (
        r"[€£$]",
        r"\b\d+ ?(?:eur|usd|gbp|euros?|dollars?)\b",
        r"\beuros\b",
        r"\bcash(?:back)?\b",
    ),
}

FRENCH: Final[Mapping[Pressure, tuple[str, ...]]] = {
    Pressure.GUILT: (
        r"\bdec(?:us?|ues?|oit|evez|evoir|eption)\b",
        r"\bvous nous (?:manquez|avez manque|avez (?:oublie|abandonne|laisse)\w*)",
        r"\bne (?:nous|les|vos \w+|votre \w+) (?:laissez|abandonnez|decevez)\b",
        r"\bne (?:laissez|abandonnez|decevez) pas\b",
        r"\b(?:on|nous) (?:comptait|comptions) sur vous\b",
        r"\b(?:on|nous) (?:attendait|attendions) (?:mieux|plus de vous)\b",
        r"\bvous n'avez (?:toujours|encore) (?:pas|rien|jamais)\b",
        r"\bvous ne (?:faites|participez|venez) (?:plus|jamais)\b",
        r"\bapres tout ce que (?:nous|l'equipe|la marque)\b",
        r"\bvous nous devez\b",
        r"\bc'est (?:de )?votre faute\b",
    ),
    Pressure.SHAME: (
        r"(?<!sans )(?<!pas )\bhont(?:e|eux|euse)\b",
        r"\b(?:tout le monde|tous|toutes|les autres) (?:\w+ ){0,6}sauf vous\b",
        r"\b(?:le|la) seule? a ne pas\b",
        r"\bil ne manque (?:plus )?que vous\b",
        r"\ba la traine\b",
        r"\bles autres font mieux\b",
        r"\bparesseu(?:x|se)\b",
    ),
    Pressure.URGENCY: (
        r"\bderniere (?:chance|occasion|opportunite)\b",
        r"(?<!pas )(?<!d')\burgent[es]?\b",
        r"\bdepeche(?:z|-toi)\b",
        r"\bvite !",
        r"\bmaintenant ou jamais\b",
        r"\bavant qu'il (?:ne )?soit trop tard\b",
        r"\bil sera (?:bientot )?trop tard\b",
        r"\bne (?:rate|manque|loupe)z (?:pas|surtout)\b",
        r"\bplus que (?:\d+|une?|deux|trois|quelques) (?:minute|heure|jour|place)s?\b",
        r"\b(?:duree|offre|temps) limitee?\b",
        r"\bvous (?:allez|risquez de) (?:tout )?perdre\b",
        r"\bne perdez pas (?:votre|vos)\b",
        r"\bsous peine de\b",
    ),
    Pressure.MONEY: (
        r"(?<!medaille )(?<!badge )(?<!palier )(?<!niveau )(?<!etoile )(?<!cœur )\bd'argent\b",
        r"\b(?:de l'|l'|votre |cet )argent\b",
        r"\bbons? d'achat\b",
        r"\b(?:cartes?|cheques?)[ -]cadeaux?\b",
        r"\bcodes? promos?\b",
        r"\b\d+ ?% (?:de (?:remise|reduction)|offerts?)\b",
        r"\b(?:remise|reduction) (?:de \d+|sur (?:votre|vos|tout|une|la|les))",
        r"\bprix (?:reduits?|casses?|imbattables?)\b",
        r"\bremuner\w+",
        r"\b(?:etre|serez|sera|sont) payee?s?\b",
        r"\bune prime\b",
        r"\bcommission (?:sur|de)\b",
        r"\bles soldes\b",
    ),
}

ENGLISH: Final[Mapping[Pressure, tuple[str, ...]]] = {
    Pressure.GUILT: (
        r"\bdisappoint(?:ed|ing|ment|s)?\b",
        r"\blet(?:ting)? (?:us|me|everyone|everybody|your \w+|the \w+) down\b",
        r"\bwe(?:'ve| have)? miss(?:ed)? you\b",
        r"\byou (?:still )?have(?:n't| not) (?:\w+ )?(?:yet|even)\b",
        r"\byou still have(?:n't| not)\b",
        r"\bwe (?:were )?(?:counting|counted) on you\b",
        r"\bwe expected (?:more|better)\b",
        r"\b(?:have you )?forg(?:ot|otten) (?:about )?us\b",
        r"\bdon't (?:abandon|desert|fail) \w+",
        r"\bafter (?:all|everything) (?:that )?we\b",
        r"\byou owe\b",
        r"\byour fault\b",
    ),
    Pressure.SHAME: (
        r"(?<!no )\bshame(?:d|ful)?\b",
        r"\bashamed\b",
        r"\b(?:everyone|everybody|all)(?: else)? (?:\w+ ){0,6}(?:but|except) you\b",
        r"\bonly you (?:have|did|are)(?:n't| not)\b",
        r"\bthe only (?:one|person) (?:who|that|not)\b",
        r"\b(?:falling|fell|lagging) behind\b",
        r"\bothers (?:are doing|do) better\b",
        r"\blazy\b",
    ),
    Pressure.URGENCY: (
        r"\blast chance\b",
        r"(?<!not )(?<!nothing )\burgent(?:ly)?\b",
        r"(?<!no )(?<!don't )(?<!without )(?<!without a )\bhurry\b",
        r"\bact (?:now|fast)\b",
        r"\bnow or never\b",
        r"\bbefore it(?:'s| is) too late\b",
        r"\b(?:don't|never) miss\b",
        r"\bonly (?:\d+|one|two|three|a few) (?:minutes?|hours?|days?) (?:left|remain\w*)\b",
        r"\bonly (?:\d+|one|two|three|a few) (?:places?|seats?|spots?) (?:left|remain\w*)\b",
        r"\blimited[ -]time\b",
        r"\b(?:time|places|spots) (?:is|are) running out\b",
        r"\byou(?:'ll| will|'re about to| are about to) lose\b",
        r"\bdon't lose (?:your|it|out)\b",
        r"\bor else\b",
    ),
    Pressure.MONEY: (
        r"\bmoney\b",
        r"\bdiscounts?\b",
        r"\bcoupons?\b",
        r"\bvouchers?\b",
        r"\bgift ?cards?\b",
        r"\bpromo codes?\b",
        r"\b\d+ ?% off\b",
        r"\b(?:get|be|getting|being|are) paid\b",
        r"\bpayouts?\b",
        r"\bcommission(?:s)? (?:on|of|for)\b",
        r"\bearn(?:ings| an income)\b",
        r"\bcheap(?:er|est)? prices?\b",
    ),
}

PHRASES: Final[Mapping[Language, tuple[Mapping[Pressure, tuple[str, ...]], ...]]] = {
    Language.FRENCH: (ANYWHERE, FRENCH),
    Language.ENGLISH: (ANYWHERE, ENGLISH),
}
