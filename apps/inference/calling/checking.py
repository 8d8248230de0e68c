"""What is refused before anything is sent."""

from django.utils.translation import gettext as _

from apps.inference.contracts import Capability, ChatRequest, ModelChoice
from olympus.kernel.errors import Invalid


def check_request(choice: ModelChoice, request: ChatRequest) -> None:
    """This will refuse, before anything is sent, what the model is known not to do.

    Raises:
        Invalid: with words for the person who asked.
    """
    if Capability.CHAT not in choice.capabilities:
        raise Invalid(_("%(model)s does not chat; choose another model.") % {"model": choice.label}, field="model")
    has_images = any(message.images for message in request.messages)
    if has_images and Capability.VISION not in choice.capabilities:
        raise Invalid(
            _("%(model)s cannot see images. Choose a model that can, or remove the image.") % {"model": choice.label},
            field="attachments",
        )
