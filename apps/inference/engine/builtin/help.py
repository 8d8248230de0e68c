"""Help about Olympus: quotes the section of its documentation that answers a question."""

import re

from apps.inference.engine.builtin.library import Section
from apps.inference.engine.builtin.question import Answer, Question

# About a screen of text; the file is named for the rest.
MAX_PASSAGE = 900

_LINK = re.compile(r"\[([^\]]+)\]\([^)\s]+\)")


def answer_help(question: Question) -> Answer | None:
    """This will quote the best section about what is asked, with its heading and file."""
    section = question.library.best_section(question.text)
    return Answer(quotation(section), is_computed=False) if section else None


def quotation(section: Section) -> str:
    """This will quote the beginning of a section as Markdown, whole blocks as far as there is room."""
    passage, is_cut = _beginning(_LINK.sub(r"\1", section.body))
    quoted = "\n".join(f"> {line}".rstrip() for line in passage.splitlines())
    more = f"\n\nThe section goes on in `{section.file}`." if is_cut else ""
    return f'From `{section.file}`, "{section.heading}":\n\n{quoted}{more}'


def _beginning(body: str) -> tuple[str, bool]:
    lines = body.splitlines()
    size = count = 0
    for line in lines:
        size += len(line) + 1
        if size > MAX_PASSAGE and count:
            break
        count += 1
    kept = [line[:MAX_PASSAGE] for line in lines[:count]]
    is_code = sum(line.lstrip().startswith("```") for line in kept) % 2 == 1
    return "\n".join([*kept, "```"] if is_code else kept).rstrip(), count < len(lines)
