"""What posting a message over REST comes down to, wherever it is posted."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from rest_framework.response import Response

from apps.chat.contracts import Receipt
from apps.chat.serializers.messages import ReceiptSerializer
from apps.chat.services.posting import post_message
from olympus.kernel.actor import Actor
from olympus.kernel.ids import uuid7


def receipt_answer(actor: Actor, body: Mapping[str, Any]) -> Response:
    """This will post a message and answer with what it became; its run is the place to look next."""
    receipt = post_message(
        actor,
        client_id=uuid7().hex,
        text=body["text"],
        conversation_id=body.get("conversation"),
        parent_id=body.get("parent"),
        model=body.get("model"),
        options=body.get("options"),
        attachment_ids=body.get("attachments", ()),
        compare=body.get("compare"),
        steer=body.get("steer", False),
        project_id=body.get("project"),
    )
    return accepted(receipt)


def accepted(receipt: Receipt) -> Response:
    """This will answer that a message was taken and is being answered."""
    place = reverse("api_run", args=[receipt.run_id])
    return Response(ReceiptSerializer(receipt).data, status=202, headers={"Location": place})
