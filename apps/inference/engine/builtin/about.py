"""What the built-in engine is: asked who it is, it says what it is not."""

import re

from apps.inference.engine.builtin.question import Answer, Question
from apps.inference.engine.builtin.words import NO_MIND, WITHOUT_A_MODEL

_LONGEST_QUESTION = 120
_ASKED = re.compile(
    r"(?:(?:hi|hello|hey)[ ,!]+)?(?:"
    r"(?:who|what) (?:are|r) (?:you|u)|what(?:'s| is) your name|what can (?:you|i) (?:do|ask)(?: here)?|help(?: me)?|"
    r"(?:which|what) (?:ai |language )*(?:model|ai|llm|engine) (?:are you|is this|do you use)|"
    r"(?:are you|is this) (?:an? |the )?(?:real )?"
    r"(?:ai|bot|robot|human|person|llm|(?:large )?language model|model|assistant|chat ?gpt|gpt[-. \w]{0,10}|claude|gemini|llama|ollama)"
    r") ?[?.!]*",
    re.IGNORECASE,
)


def answer_about(question: Question) -> Answer | None:
    """This will say what answers here when that is asked."""
    if not _ASKED.fullmatch(question.text[:_LONGEST_QUESTION]):
        return None
    return Answer(f"{NO_MIND}\n\n{WITHOUT_A_MODEL}", is_computed=False)
