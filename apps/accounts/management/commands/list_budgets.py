"""`list_budgets`: the limits and what is left of each."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from apps.accounts.facade import first_owner
from apps.accounts.ledger.states import standings_of
from apps.accounts.ledger.words import amount_in_words


class Command(BaseCommand):
    """Show every budget."""

    help = "List the budgets, what is left of each and when it begins anew."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line each."""
        actor = first_owner()
        if actor is None:
            raise CommandError("Nobody owns this Olympus yet. bin/manage owner_link prints the link for the first.")
        rows = standings_of(actor.organization_id, now=timezone.now())
        for row in rows:
            rule, whose = row.state.rule, row.budget.owner or row.budget.api_key or row.budget.get_subject_display()
            limit, left = (amount_in_words(rule.metric, amount) for amount in (rule.limit, row.state.left))
            self.stdout.write(
                f"{whose}: {limit} a {rule.period}, {left} left until {row.state.resets_at:%Y-%m-%d %H:%M} UTC"
            )
        if not rows:
            self.stdout.write("There is no budget. bin/manage set_budget makes one.")
