"""The context of this process: its environment, its account and the settings."""

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from apps.discovery.contracts import Grant
from apps.discovery.machine.limits import is_container
from apps.discovery.options import ADDRESSES, LABEL_FILE, MCP_FILES, MCP_PATHS, MDNS
from apps.discovery.sources.context import ConfiguredAddress, SourceContext
from apps.discovery.sources.names import resolve
from olympus.kernel.options import option_value


def context_here(
    now: datetime, *, grants: Iterable[Grant] = (), configured: Iterable[ConfiguredAddress] = ()
) -> SourceContext:
    """This will make the context of a scan by this process; `configured` comes beside the addresses in the settings.

    With OLYMPUS_AUTODETECT=0 only what was named is looked at.
    """
    environment = dict(os.environ)
    entered = [ConfiguredAddress(address=address) for address in option_value(ADDRESSES) if address.strip()]
    return SourceContext(
        now=now,
        configured=(*configured, *entered),
        environment=environment,
        grants=tuple(grants),
        label_file=option_value(LABEL_FILE).strip(),
        mcp_paths=tuple(path.strip() for path in option_value(MCP_PATHS) if path.strip()),
        home=_home() if option_value(MCP_FILES) else None,
        resolve=resolve,
        is_autodetecting=environment.get("OLYMPUS_AUTODETECT") != "0",
        is_in_container=is_container(environment),
        is_mdns_on=option_value(MDNS),
    )


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:  # an account without a home folder, as some containers have
        return None
