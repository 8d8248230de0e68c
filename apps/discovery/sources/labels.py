"""The source of a file with labels, which a deployment writes: containers and services that want to be found."""

import asyncio
from pathlib import Path

from django.utils.translation import gettext as _

from apps.discovery.sources.context import Named, Problem, SourceContext
from apps.discovery.sources.files.label_format import NAME, parse_label_file
from apps.discovery.sources.files.reading import read_file
from olympus.kernel.errors import Invalid

__all__ = ["NAME", "candidates"]


async def candidates(context: SourceContext) -> Named:
    """This will name the workloads of the label file that carry `olympus.discover=true`."""
    return await asyncio.to_thread(_read, context.label_file) if context.label_file else Named()


def _read(path: str) -> Named:
    try:
        content = read_file(Path(path))
        if content is not None:
            return parse_label_file(content)
    except Invalid as error:
        return Named(problems=(Problem(NAME, error.message),))
    return Named(problems=(Problem(NAME, _("There is no file %(path)s.") % {"path": path[:200]}),))
