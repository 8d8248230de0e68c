"""YAML that somebody else wrote: without references, of bounded depth, and every value a text."""

from typing import Any

import yaml
from django.utils.translation import gettext as _

from olympus.kernel.errors import Invalid

# Reading takes up to a second for each 100 KB of the worst kind; a list of labels has some kilobytes.
_LONGEST = 256 * 1024
# A Kubernetes object is six deep.
_DEEPEST = 32
_BEGINS = (yaml.events.MappingStartEvent, yaml.events.SequenceStartEvent)
_ENDS = (yaml.events.MappingEndEvent, yaml.events.SequenceEndEvent)


def parse_yaml(text: str) -> list[Any]:
    """This will read the documents of a YAML text.

    Raises:
        Invalid: it is none, too large, too deep, or refers to parts of itself, which can make a circle.
    """
    if len(text) > _LONGEST:
        raise Invalid(_("The YAML file is larger than 256 KB and was not read."), field="file")
    try:
        _check(text)
        return list(yaml.load_all(text, Loader=yaml.CBaseLoader))
    except (yaml.YAMLError, ValueError) as error:
        raise Invalid(_("The file is not YAML: %(why)s.") % {"why": _where(error)}, field="file") from error


def _check(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        if isinstance(event, yaml.events.AliasEvent):
            raise Invalid(_("The file refers to parts of itself (YAML aliases); write them out."), field="file")
        depth += isinstance(event, _BEGINS) - isinstance(event, _ENDS)
        if depth > _DEEPEST:
            raise Invalid(_("The file is nested too deep."), field="file")


def _where(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or _("it cannot be read"))[:100]
    return problem if mark is None else _("%(problem)s in line %(line)d") % {"problem": problem, "line": mark.line + 1}
