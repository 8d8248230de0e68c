"""`set_budget`: a limit from the terminal."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts.contracts import BudgetMetric, BudgetPeriod, BudgetSubject
from apps.accounts.facade import actor_by_email, first_owner
from apps.accounts.ledger.whose import key_beginning
from apps.accounts.ledger.words import amount_in_words, parse_limit
from apps.accounts.services.budgets import set_budget
from olympus.kernel.actor import Actor
from olympus.kernel.errors import OlympusError


class Command(BaseCommand):
    """Set a limit, or change the one there is."""

    help = "Limit the tokens, cost or requests of a day or month: of all together, each person, one person or one key."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, what, how much."""
        parser.add_argument("limit", help="tokens, requests, or dollars: 100000, 12.50")
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument("--each", action="store_true", help="each person has it; without, all share it")
        whose.add_argument("--user", help="one person's, by email address")
        whose.add_argument("--key", help="one API key's, by how it begins (oly_…)")
        parser.add_argument("--metric", choices=[m.value for m in BudgetMetric], default=BudgetMetric.TOKENS.value)
        parser.add_argument("--period", choices=[p.value for p in BudgetPeriod], default=BudgetPeriod.MONTH.value)

    def handle(self, *args: Any, limit: str, metric: str, period: str, **options: Any) -> None:
        """Set it and say so."""
        actor = first_owner()
        if actor is None:
            raise CommandError("Nobody owns this Olympus yet. bin/manage owner_link prints the link for the first.")
        try:
            amount = parse_limit(BudgetMetric(metric), limit)
            whose = _whose(actor, **{name: options[name] for name in ("each", "user", "key")})
            set_budget(actor, metric=BudgetMetric(metric), period=BudgetPeriod(period), limit=amount, **whose)
        except OlympusError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{amount_in_words(BudgetMetric(metric), amount)} a {period} from now on.")


def _whose(actor: Actor, *, each: bool, user: str | None, key: str | None) -> dict[str, Any]:
    if user:
        person = actor_by_email(user)
        if person is None:
            raise CommandError(f"Nobody active has the address {user}.")
        return {"subject": BudgetSubject.USER, "owner_id": person.user_id}
    if key:
        found = key_beginning(actor.organization_id, key)
        if found is None:
            raise CommandError(f"No API key begins with {key}.")
        return {"subject": BudgetSubject.KEY, "api_key_id": found}
    return {"subject": BudgetSubject.EVERYBODY if each else BudgetSubject.ORGANIZATION}
