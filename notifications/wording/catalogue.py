"""Find the texts to translate, and turn translations into what is read when something is said.

`python -m notifications.wording.catalogue` brings the files in `locale` up to date.
"""

import io
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from ground.languages import Language
from notifications.wording.rendering import DOMAIN, LOCALE

PACKAGE: Final = Path(__file__).parent.parent
MARKS: Final[dict[str, Any]] = {"say": None, "says": (1, 2)}
WIDTH: Final = 100


def found() -> Catalog:
    """All texts that are marked, wherever they stand in this package."""
    catalog = Catalog(domain=DOMAIN)
    for _, _, message, comments, _ in extract_from_dir(
        PACKAGE, method_map=[("**.py", "python")], keywords=MARKS
    ):
        catalog.add(message, auto_comments=comments)
    return catalog


def kept(language: Language) -> Catalog:
    """A language's translations as they are in the repository."""
    with _file(language, "po").open("rb") as file:
        return read_po(file, locale=language.value, domain=DOMAIN)


def up_to_date(language: Language) -> Catalog:
    """A language's translations of exactly what is to be translated."""
    catalog = kept(language)
    catalog.update(found(), no_fuzzy_matching=True, update_creation_date=False)
    catalog.obsolete.clear()
    return catalog


def compiled(catalog: Catalog) -> bytes:
    """As it is read when something is said."""
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def written(catalog: Catalog) -> bytes:
    """As translators read and write it."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=WIDTH, omit_header=False, sort_output=True)
    return buffer.getvalue()


def bring_up_to_date(language: Language) -> None:
    """Write both files of a language anew."""
    catalog = up_to_date(language)
    _file(language, "po").write_bytes(written(catalog))
    _file(language, "mo").write_bytes(compiled(catalog))


def _file(language: Language, kind: str) -> Path:
    return LOCALE / language.value / "LC_MESSAGES" / f"{DOMAIN}.{kind}"


if __name__ == "__main__":
    # English is what stands in the code.
    bring_up_to_date(Language.FRENCH)
