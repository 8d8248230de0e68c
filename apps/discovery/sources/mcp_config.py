"""The source of MCP servers that other programs of the server's own account are set up with."""

import asyncio
from pathlib import Path

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
    """This will name the MCP servers in the files of Claude, Cursor and VS Code; programs are named, never started."""
    if not context.is_autodetecting or context.home is None:
        return Named()
    return await asyncio.to_thread(_read_all, context.home)


def _read_all(home: Path) -> Named:
    found: list[Candidate] = []
    problems: list[Problem] = []
    for place, label in PLACES:
        try:
            content = read_file(home / place)
            named = Named() if content is None else parse_mcp_file(content, label)
        except Invalid as error:
            problems.append(Problem(NAME, f"{label}: {error.message}"))
            continue
        found.extend(named.candidates)
        problems.extend(named.problems)
    return Named(candidates=found, problems=tuple(problems))
