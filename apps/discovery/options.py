"""The settings of discovery an owner may change."""

from typing import Annotated

from django.utils.translation import gettext_lazy as _
from msgspec import Meta

from olympus.kernel.options import declare_option

# Long enough for a URL with a path, and for a path of a file.
_LINE = Annotated[str, Meta(max_length=500)]

ADDRESSES = declare_option(
    "discovery.addresses",
    Annotated[list[_LINE], Meta(max_length=100)],
    [],
    _("Addresses where scans look as well, one a line, such as 192.168.1.20 or http://nas:11434. Private ones only."),
    label=_("Addresses to look at"),
)
LABEL_FILE = declare_option(
    "discovery.label_file",
    _LINE,
    "",
    _("A JSON or YAML file on the server that lists workloads with the label olympus.discover=true."),
    label=_("File of labeled workloads"),
)
MCP_FILES = declare_option(
    "discovery.mcp_files",
    bool,
    default=True,
    help=_("Propose the MCP servers that Claude, Cursor and VS Code of the server's account are set up with."),
    label=_("MCP servers of other programs"),
)
MCP_PATHS = declare_option(
    "discovery.mcp_paths",
    Annotated[list[_LINE], Meta(max_length=20)],
    [],
    _("Further files on the server that list MCP servers as Claude, Cursor or VS Code do, one path a line."),
    label=_("More lists of MCP servers"),
)
MDNS = declare_option(
    "discovery.mdns",
    bool,
    default=False,
    help=_("Listen for servers that announce themselves in the local network (mDNS), and ask those who they are."),
    label=_("Announcements in the network"),
)
