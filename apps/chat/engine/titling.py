"""Asking for a title, and making one of what a model says."""

import re

from apps.inference.contracts import ChatMessage, ChatRole

# As many characters of question and answer as tell what it is about.
_READ_LENGTH = 1000
TITLE_LENGTH = 80
_ORDER = (
    "Write a title for the conversation below, in the language of its question: three to seven words that say what "
    "it is about. Answer with the title alone, on one line, without quotes and without a full stop."
)
# Reasoning that a server left in the answer.
_REASONING = re.compile(r"<(think|thinking|reasoning)>.*?(</\1>|\Z)", re.DOTALL | re.IGNORECASE)
_LABEL = re.compile(r"^(title|titel|titre|título|titolo)\s*[:：]\s*", re.IGNORECASE)
_EMPHASIS = re.compile(r"\*\*|__|`")
_UNSHOWN = re.compile("[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_AROUND = " \t\"'`*_#>-–—«»“”„‘’「」『』《》"


def title_prompt(question: str, answer: str) -> tuple[ChatMessage, ...]:
    """This will ask for a title of a question and its answer, of which the beginnings are enough."""
    text = f"Question:\n{question[:_READ_LENGTH]}\n\nAnswer:\n{answer[:_READ_LENGTH]}\n\nTitle:"
    return (ChatMessage(ChatRole.SYSTEM, _ORDER), ChatMessage(ChatRole.USER, text))


def read_title(said: str) -> str:
    """This will make one line of at most 80 characters of what a model said; '' if there is no title in it."""
    said = _REASONING.sub("\n", said)
    lines = (" ".join(_UNSHOWN.sub(" ", line).split()).strip(_AROUND) for line in said.splitlines())
    title = next((line for line in lines if any(sign.isalnum() for sign in line)), "")
    title = _LABEL.sub("", _EMPHASIS.sub("", title)).strip(_AROUND).rstrip(".。")
    if len(title) <= TITLE_LENGTH:
        return title
    head, _sign, _rest = title[: TITLE_LENGTH - 1].rpartition(" ")
    return (head or title[: TITLE_LENGTH - 1]).rstrip(" ,.;:") + "…"
