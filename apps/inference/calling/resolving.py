"""From what was asked for to the models that may answer."""

from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from apps.accounts.facade import language_of
from apps.inference.calling.call import Plan
from apps.inference.contracts import Caller, Capability, ChatRequest, ModelChoice, ProviderKind
from apps.inference.errors import ModelNotFound
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
        Invalid: the models there are cannot do what is asked.
    """
    if not is_virtual(choice):
        return _plain(caller, choice)
    decision = await _decided(caller, choice, request)
    if not decision.names:
        # What was read a moment ago may not know what was connected since.
        reading.current.forget(caller.organization_id)
        decision = await _decided(caller, choice, request)
    _check(decision)
    language = await _languages.get(caller.user_id)
    with translation.override(language or translation.get_language()):
        return Plan(decision.names, decision.tier, reasons_of(decision))


async def _decided(caller: Caller, choice: ModelChoice, request: ChatRequest) -> Decision:
    tiering = await reading.current.get(caller.organization_id)
    left = await budget_left(caller) if choice.tier is None else 1.0
    question = question_of(request)
    need = need_of(question, has_images=any(message.images for message in request.messages))
    return decide(tiering, choice.tier, question, need, allowed=caller.allowed_models, budget_left=left)


def _plain(caller: Caller, choice: ModelChoice) -> Plan:
    """The model alone: by its name, or by its server's and its own where that server alone may answer."""
    of_server = f"{choice.provider_name}/{choice.model}" if choice.kind is not ProviderKind.POOL else choice.model
    if not any(is_allowed(name, caller.allowed_models) for name in (choice.model, of_server)):
        raise ModelNotFound(_("Your key may not use %(model)s.") % {"model": choice.label})
    return Plan((choice.model,))


def _check(decision: Decision) -> None:
    if decision.names:
        return
    if decision.is_forbidden:
        raise ModelNotFound(_("Your key may use none of the models this stands for."))
    if Capability.VISION in decision.need.capabilities and decision.order.unable:
        raise Invalid(
            _("No connected model sees images. Connect one that does, or remove the image."), field="attachments"
        )
    raise ModelNotFound(_("No model server offers a model that chats. Connect one under Model servers."))
