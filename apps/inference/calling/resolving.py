"""From what was asked for to the models that may answer."""

from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from apps.accounts.facade import language_of
from apps.inference.calling.call import Plan
from apps.inference.contracts import Caller, Capability, ChatRequest, ModelChoice, ProviderKind
from apps.inference.errors import ModelDenied, ModelNotFound
from apps.inference.managing.permitting import Keys, denied_soon, is_denied
from apps.inference.tiers import reading
from apps.inference.tiers.budget import budget_left
from apps.inference.tiers.choices import is_virtual
from apps.inference.tiers.deciding import Decision, decide, is_allowed, need_of, question_of
from apps.inference.tiers.wording import reasons_of
from olympus.kernel.errors import Invalid
from olympus.kernel.fresh import Fresh

# A person seldom chooses another language; reasons in the one before are no harm.
_languages: Fresh[UUID, str] = Fresh(language_of, max_age_s=60.0)


async def plan_call(caller: Caller, choice: ModelChoice, request: ChatRequest) -> Plan:
    """This will name the models that may answer, in the order they are tried, and say why.

    Raises:
        ModelNotFound: nothing is connected, or the caller's key may use none of it.
        ModelDenied: it is not open to the caller.
        Invalid: the models there are cannot do what is asked.
    """
    denied = await denied_soon(caller.organization_id, caller.user_id)
    if not is_virtual(choice):
        return _plain(caller, choice, denied)
    decision = await _decided(caller, choice, request, denied)
    if not decision.names:
        # What was read a moment ago may not know what was connected since.
        reading.current.forget(caller.organization_id)
        decision = await _decided(caller, choice, request, denied)
    _check(caller, decision)
    language = await _languages.get(caller.user_id)
    with translation.override(language or translation.get_language()):
        return Plan(decision.names, decision.tier, reasons_of(decision))


async def _decided(caller: Caller, choice: ModelChoice, request: ChatRequest, denied: Keys) -> Decision:
    tiering = await reading.current.get(caller.organization_id)
    left = await budget_left(caller) if choice.tier is None else 1.0
    question = question_of(request)
    need = need_of(question, has_images=any(message.images for message in request.messages))
    return decide(tiering, choice.tier, question, need, allowed=caller.allowed_models, denied=denied, budget_left=left)


def _plain(caller: Caller, choice: ModelChoice, denied: Keys) -> Plan:
    """The model alone: by its name, or by its server's and its own where that server alone may answer."""
    of_server = f"{choice.provider_name}/{choice.model}" if choice.kind is not ProviderKind.POOL else choice.model
    if not any(is_allowed(name, caller.allowed_models) for name in (choice.model, of_server)):
        raise ModelNotFound(_("Your key may not use %(model)s.") % {"model": choice.label})
    if is_denied(choice.model, denied) and choice.kind is not ProviderKind.BUILTIN:
        raise ModelDenied
    return Plan((choice.model,))


def _check(caller: Caller, decision: Decision) -> None:
    if decision.names:
        return
    if decision.is_forbidden:
        if caller.allowed_models:
            raise ModelNotFound(_("Your key may use none of the models this stands for."))
        raise ModelDenied(_("None of the models this stands for is open to you."))
    if Capability.VISION in decision.need.capabilities and decision.order.unable:
        raise Invalid(
            _("No connected model sees images. Connect one that does, or remove the image."), field="attachments"
        )
    raise ModelNotFound(_("No model server offers a model that chats. Connect one under Model servers."))
