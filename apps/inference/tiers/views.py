"""The Routing page: what fast, balanced and powerful are, and what `auto` makes of a question."""

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.inference.tiers.changing import change_tier, reset_tier, tier_named
from apps.inference.tiers.choices import tier_label
from apps.inference.tiers.forms import TierForm
from apps.inference.tiers.pages import TierView, tier_views
from apps.inference.views import for_administrators
from olympus.kernel.errors import Invalid

PAGE = "routing"


@require_safe
@for_administrators
def routing(request: HttpRequest) -> HttpResponseBase:
    """The three tiers, each with its models in order."""
    return _show(request, tier_views(request.actor.organization_id))


@require_POST
@for_administrators
def change(request: HttpRequest, tier: str) -> HttpResponseBase:
    """Other models, another order, or what they are good for."""
    name = tier_named(tier)
    views = tier_views(request.actor.organization_id)
    shown = next(view for view in views if view.name == name.value)
    form = TierForm(request.POST, tier=shown)
    if form.is_valid():
        try:
            change_tier(request.actor, name, **form.values())
        except Invalid as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, _("%(tier)s is saved.") % {"tier": tier_label(name)})
            return redirect(f"{reverse(PAGE)}#tier-{name.value}")
    return _show(request, views, refused=(name.value, form))


@require_POST
@for_administrators
def reset(request: HttpRequest, tier: str) -> HttpResponseBase:
    """Picked from what is connected again."""
    name = tier_named(tier)
    reset_tier(request.actor, name)
    messages.success(request, _("%(tier)s is picked from what is connected again.") % {"tier": tier_label(name)})
    return redirect(f"{reverse(PAGE)}#tier-{name.value}")


def _show(
    request: HttpRequest, views: list[TierView], *, refused: tuple[str, TierForm] | None = None
) -> HttpResponseBase:
    cards = [(view, refused[1] if refused and refused[0] == view.name else TierForm(tier=view)) for view in views]
    return render(request, "inference/routing.html", {"cards": cards}, status=422 if refused else 200)
