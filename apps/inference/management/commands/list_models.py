"""`manage.py list_models`: what can be asked, as last told by the servers."""

from typing import Any

from django.core.management.base import BaseCommand

from apps.accounts.facade import default_organization_id
from apps.inference.facade import choose_model, models_for


class Command(BaseCommand):
    """Prints a table of models; the default has a star."""

    help = "List the models of all connected model servers."

    def handle(self, **_: Any) -> None:
        organization_id = default_organization_id()
        default = choose_model(organization_id, None)
        rows = [("MODEL", "PROVIDER", "CAPABILITIES", "CONTEXT")]
        for choice in models_for(organization_id):
            star = " *" if choice == default else ""
            capabilities = ", ".join(sorted(choice.capabilities))
            rows.append((choice.model + star, choice.provider_name, capabilities, str(choice.context_length)))
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
            self.stdout.write("  ".join([*cells, row[3]]))
