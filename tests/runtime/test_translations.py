"""Every text people read is in every language, whole."""

import re

import pytest

from olympus.runtime.places import ROOT
from olympus.translations.__main__ import LANGUAGES, missing_in, read_catalog
from olympus.translations.reading import Text, texts_in

_PLACES = re.compile(r"%\(\w+\)[sd]|\{\w+\}|%%")


@pytest.fixture(scope="module")
def texts() -> dict[str, frozenset[Text]]:
    """What the code says, by catalog."""
    found = texts_in(ROOT)
    return {"django": found.server, "djangojs": found.browser}


@pytest.mark.parametrize("domain", ["django", "djangojs"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_in_english(texts: dict[str, frozenset[Text]], language: str, domain: str) -> None:
    assert missing_in(read_catalog(language, domain), texts[domain]) == []


@pytest.mark.parametrize("domain", ["django", "djangojs"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_put_in_stays(language: str, domain: str) -> None:
    wrong = []
    for message in read_catalog(language, domain):
        forms = (
            zip(message.id, message.string, strict=False) if message.pluralizable else [(message.id, message.string)]
        )
        for english, other in forms if message.id else ():
            if set(_PLACES.findall(other)) - set(_PLACES.findall(english)):
                wrong.append(other)

    assert wrong == []


def test_texts_are_found_in_python_templates_and_scripts(texts: dict[str, frozenset[Text]]) -> None:
    assert ("Tokens a day", None) in texts["django"]
    assert ("What is 18%% of 2,450?", None) in texts["django"]
    assert ("%(n)s model", "%(n)s models") in texts["django"]
    assert ("Copied", None) in texts["djangojs"]
