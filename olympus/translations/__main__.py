"""`bin/translations`: new texts into locale/, old ones out, and a word on what is missing."""

import sys
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from olympus.runtime.places import ROOT
from olympus.translations.reading import Text, texts_in

LANGUAGES = ("de",)


def catalog_path(language: str, domain: str) -> Path:
    """This will name a language's file: domain `django` for the server, `djangojs` for the browser."""
    return ROOT / "locale" / language / "LC_MESSAGES" / f"{domain}.po"


def read_catalog(language: str, domain: str) -> Catalog:
    """This will read a language's file; an empty catalog where there is none yet."""
    path = catalog_path(language, domain)
    if not path.exists():
        return Catalog(locale=language, domain=domain, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=domain)


def missing_in(catalog: Catalog, texts: Iterable[Text]) -> list[str]:
    """This will list the texts a catalog has no finished translation for."""
    missing = []
    for singular, plural in texts:
        message = catalog.get(singular)
        wanted = plural is not None
        forms = (message.string if isinstance(message.string, tuple) else (message.string,)) if message else ()
        is_done = message is not None and message.pluralizable == wanted and not message.fuzzy and forms and all(forms)
        if not is_done:
            missing.append(singular)
    return sorted(missing)


def updated(catalog: Catalog, texts: Iterable[Text]) -> Catalog:
    """This will make the catalog of exactly these texts, translations kept."""
    fresh = Catalog(locale=catalog.locale, domain=catalog.domain, project="Olympus", fuzzy=False)
    fresh.header_comment = f"# {catalog.locale.english_name if catalog.locale else ''} translation of Olympus."
    for singular, plural in sorted(texts, key=lambda text: (text[0], text[1] or "")):
        known = catalog.get(singular)
        new = fresh.add((singular, plural) if plural else singular)
        if known is not None and known.pluralizable == (plural is not None):
            new.string = known.string
    return fresh


def _written(catalog: Catalog) -> bytes:
    """Without the header's dates and blanks, which would change with every run."""
    file = BytesIO()
    write_po(file, catalog, no_location=True, width=120, ignore_obsolete=True)
    kept = (b"Language:", b"Plural-Forms:", b"MIME-Version:", b"Content-T")
    lines = file.getvalue().splitlines(keepends=True)
    head_end = lines.index(b"\n")
    head = [line for line in lines[:head_end] if not line.startswith(b'"') or line[1:].startswith(kept)]
    return b"".join(head + lines[head_end:])


def main() -> int:
    """This will write every catalog and return 1 while something is not translated."""
    texts = texts_in(ROOT)
    missing_count = 0
    for language in LANGUAGES:
        for domain, wanted in (("django", texts.server), ("djangojs", texts.browser)):
            catalog = updated(read_catalog(language, domain), wanted)
            path = catalog_path(language, domain)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_written(catalog))
            missing = missing_in(catalog, wanted)
            missing_count += len(missing)
            sys.stdout.write(f"{path.relative_to(ROOT)}: {len(wanted)} texts, {len(missing)} to translate\n")
    return int(missing_count > 0)


if __name__ == "__main__":
    sys.exit(main())
