"""The source of MCP servers that other programs of the server's own account are set up with."""

import asyncio
from pathlib import Path

from django.utils.translation import gettext as _

from apps.discovery.contracts import Candidate
from apps.discovery.sources.context import Named, Problem, SourceContext
from apps.discovery.sources.files.mcp_format import NAME, parse_mcp_file
from apps.discovery.sources.files.reading import read_file
from olympus.kernel.errors import Invalid

__all__ = ["NAME", "PLACES", "candidates"]

# Where the products keep their lists below the home folder, on Linux and macOS, and what the page calls them.
PLACES: tuple[tuple[str, str], ...] = (
    (".claude.json", "Claude Code"),
    (".config/Claude/claude_desktop_config.json", "Claude"),
    ("Library/Application Support/Claude/claude_desktop_config.json", "Claude"),
    (".cursor/mcp.json", "Cursor"),
    (".config/Code/User/mcp.json", "VS Code"),
    ("Library/Application Support/Code/User/mcp.json", "VS Code"),
    (".vscode-server/data/User/mcp.json", "VS Code"),
    (".copilot/mcp-config.json", "Copilot"),
)


async def candidates(context: SourceContext) -> Named:
    """This will name the MCP servers in the files of Claude, Cursor and VS Code, and in those the owner named.

    Programs are named, never started.
    """
    own = [] if context.home is None or not context.is_autodetecting else _own_files(context.home)
    return await asyncio.to_thread(_read_all, own, [Path(path) for path in context.mcp_paths])


def _own_files(home: Path) -> list[tuple[Path, str]]:
    return [(home / place, label) for place, label in PLACES]


def _read_all(own: list[tuple[Path, str]], named: list[Path]) -> Named:
    found: list[Candidate] = []
    problems: list[Problem] = []
    for path, label in [*own, *((path, path.name) for path in named)]:
        try:
            content = read_file(path)
            if content is not None:
                listed = parse_mcp_file(content, label)
                found.extend(listed.candidates)
                problems.extend(listed.problems)
            elif path in named:
                problems.append(Problem(NAME, _("There is no file %(path)s.") % {"path": path}))
        except Invalid as error:
            problems.append(Problem(NAME, f"{label}: {error.message}"))
    return Named(candidates=found, problems=tuple(problems))
