"""What the names of models tell: how many parameters, how strong the known ones are, which are not for talk."""

import math
import re

# 7b, 1.5B, 270m; a3b names the active part of a mixture, 8x7b one of eight experts, e4b an effective size.
_PARAMETERS = re.compile(r"(?:^|[-_:/ ])(?:(\d{1,2})x)?e?(\d{1,4}(?:\.\d{1,2})?)(b|m)(?=$|[-_:./ ])", re.IGNORECASE)
_ACTIVE = re.compile(r"(?:^|[-_:/])a(\d{1,3}(?:\.\d{1,2})?)b(?=$|[-_:./])", re.IGNORECASE)
_MILLION = 0.001
# Mixtures of experts that do not name their active part work with about two experts at a time.
_EXPERTS_AT_WORK = 2

# How strong models without a size in their name are, as if in billions of parameters; the first that matches counts.
# Services tell no sizes: small ones answer at once (4), middle ones are for all work (15), large ones for the hardest (200).
_SMALL, _MIDDLE, _LARGE = 4.0, 15.0, 200.0
_KNOWN: tuple[tuple[re.Pattern[str], float], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), strength)
    for pattern, strength in (
        (r"gpt-oss", 9.0),
        (r"(^|[/:_-])(nano|tiny|micro|smol\w*|flash-lite|flash-8b|haiku|lite|instant|ministral|gemma-?3n)($|[-_:./\d])", _SMALL),
        (r"(^|/)(o\d|gpt-5)[\w.]*-mini", _MIDDLE),
        (r"(^|[/:_-])mini($|[-_:./])", _SMALL),
        (r"(^|/)gpt-3\.5", _SMALL),
        (r"(^|/)(o1|o3|o4|gpt-4\.5|gpt-5|gpt-4-turbo)|opus|(^|[-_])(ultra|large|max|heavy)($|[-_:./\d])", _LARGE),
        (r"gemini[-\w.]*pro|grok-[34]|deepseek-(r1|reasoner)($|[-_:])|command-(r-plus|a)|kimi-k2|magnum-opus", _LARGE),
        (r"gpt-4|sonnet|gemini|deepseek|grok|(^|[-_])(medium|turbo|plus|small)($|[-_:./\d])|command-r|glm-4|qwq", _MIDDLE),
        (r"(^|/)(phi-?3|phi3\.5|llama-?3\.2|tinyllama|gemma-?3)(:|$)", _SMALL),
    )
)  # fmt: skip

# They judge, embed, read pictures of text, or finish text: nobody talks with them unless they are named.
_NOT_FOR_TALK = re.compile(
    r"guard(ian)?|moderation|embed|rerank|reward|(^|[/_-])ocr|translategemma|shieldgemma|(^|[-_:])(base|text|fim)($|[-_:])"
    r"|starcoder|codestral|functiongemma|search-preview|deep-research|computer-use|-audio|-realtime",
    re.IGNORECASE,
)
# Good at code and less at everything else: behind the others of their strength.
_SPECIAL = re.compile(
    r"cod(e|er|ing)|sql|math|medical|med(alpaca|gemma|llama)|roleplay|uncensored|abliterated", re.IGNORECASE
)


def parameters_b(name: str) -> float | None:
    """This will read from a name how many billions of parameters think at once, None if it does not say.

    For a mixture of experts it is the geometric mean of all and the active ones, the usual rule of thumb.
    """
    found = _PARAMETERS.search(name)
    if found is None:
        return None
    experts, count, unit = found.groups()
    total = float(count) * (_MILLION if unit.lower() == "m" else 1.0)
    active = _ACTIVE.search(name)
    if active:
        return math.sqrt(total * float(active[1]))
    if experts:
        return total * math.sqrt(int(experts) * _EXPERTS_AT_WORK)
    return total or None


def known_strength(name: str) -> float | None:
    """This will tell how strong a model of a known name is, as if in billions of parameters."""
    return next((strength for pattern, strength in _KNOWN if pattern.search(name)), None)


def is_for_talk(name: str) -> bool:
    """This will tell whether a model may be picked for a person who named none."""
    return not _NOT_FOR_TALK.search(name)


def is_special(name: str) -> bool:
    """This will tell whether a model is made for one field."""
    return bool(_SPECIAL.search(name))
