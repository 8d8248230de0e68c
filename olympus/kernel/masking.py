"""Links that open something, kept out of logs and reports: whoever reads those is not whom a link was given to."""

import logging
import re
from typing import Any

# What follows these in an address is the secret itself; Django logs the address of every request that it refuses.
_SECRET = re.compile(r"(/(?:s|join|welcome|accounts/confirm-email|accounts/password/reset/key)/)[^/?\s\"']+")


class MaskedLinks(logging.Filter):
    """Writes `/s/…` where the address of a shared conversation, an invitation or a reset link stood."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        said = record.getMessage()
        masked = masked_links(said)
        if masked != said:
            record.msg, record.args = masked, ()
        return True


def masked_links(text: str) -> str:
    """This will take the secrets out of the addresses in a text."""
    return _SECRET.sub(r"\1…", text)


def masked_report(report: Any, _hint: object = None) -> Any:
    """This will take them out of all texts in what goes to Sentry: the request's address, log lines, the error."""
    match report:
        case str():
            return masked_links(report)
        case dict():
            return {name: masked_report(value) for name, value in report.items()}
        case list() | tuple():
            return [masked_report(value) for value in report]
        case _:
            return report
