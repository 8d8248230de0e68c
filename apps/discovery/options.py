"""The settings of discovery an owner may change."""

from typing import Annotated

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from msgspec import Meta

from apps.discovery.contracts import Candidate, Refusal
from apps.discovery.engine.policy import HostUnknown, Policy, is_odd_host, refusal, refused
from apps.discovery.sources.addresses import parse_place
from olympus.kernel.errors import Invalid, OlympusError
from olympus.kernel.options import declare_option

# Long enough for a URL with a path, and for a path of a file.
_LINE = Annotated[str, Meta(max_length=500)]

# As much of an address as a sentence has room for.
_SHOWN_CHARS = 80


def _check_addresses(lines: list[str]) -> None:
    for line in filter(str.strip, lines):
        try:
            _check_address(line)
        except OlympusError as error:
            shown = line.rpartition("@")[2][:_SHOWN_CHARS]
            raise Invalid(f"{shown}: {error.message}", field="discovery.addresses") from error


def _check_address(line: str) -> None:
    """What a name stands for is found out, and judged again, when it is looked at."""
    place = parse_place(line)
    if place.secret_names:
        raise Invalid(gettext("Leave out passwords and parameters: they would stay in the history of this setting."))
    if is_odd_host(place.host):
        raise HostUnknown
    named = Candidate(source="configured", host=place.host, port=place.port, is_named=True)
    reason = refusal(Policy(now=timezone.now()), named, place.host)
    if reason not in {None, Refusal.ODD_HOST}:
        raise refused(reason)


ADDRESSES = declare_option(
    "discovery.addresses",
    Annotated[list[_LINE], Meta(max_length=100)],
    [],
    _("Addresses where scans look as well, one a line, such as 192.168.1.20 or http://nas:11434. Private ones only."),
    label=_("Addresses to look at"),
    check=_check_addresses,
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
