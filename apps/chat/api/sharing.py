"""Share links over REST."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.chat.access import conversation_for_reading
from apps.chat.access.permissions import check_reads
from apps.chat.pages.sharing import link_url
from apps.chat.selectors.sharing import share_links_of
from apps.chat.serializers.transfers import NewShareLinkSerializer, ShareLinkSerializer
from apps.chat.services import sharing
from olympus.kernel.actor import Actor
from olympus.kernel.rest import PageQuery, answer, once_by_key, operation, page_of, query_of
from olympus.kernel.rest import page_serializer as page
from olympus.kernel.rest.query import body_of

TAGS = ["share links"]


def _context(request: Request) -> dict[str, Any]:
    return {"url_of": lambda link: link_url(request, link)}


def _shown(request: Request, link: Any) -> dict[str, Any]:
    return dict(ShareLinkSerializer(link, context=_context(request)).data)


class ShareLinksView(APIView):
    """One's links."""

    @operation(
        "share_links_list", summary="List share links", tags=TAGS, query=PageQuery, answers=page(ShareLinkSerializer),
        is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """List your links that were not revoked, newest first."""
        query_of(request, PageQuery)
        check_reads(request.actor)
        rows = share_links_of(request.actor.user_id)
        return page_of(request, rows, ShareLinkSerializer, order="-created_at", context=_context(request))


class ConversationShareLinksView(APIView):
    """The links of a conversation."""

    @operation(
        "conversations_share_links_list", summary="List a conversation's share links", tags=TAGS, query=PageQuery,
        answers=page(ShareLinkSerializer), errors=(404,), is_tagged=True,
    )  # fmt: skip
    def get(self, request: Request, conversation_id: UUID) -> Response:
        """List the links of a conversation that were not revoked, newest first."""
        query_of(request, PageQuery)
        conversation = conversation_for_reading(request.actor, conversation_id)
        rows = share_links_of(request.actor.user_id, conversation_id=conversation.pk)
        return page_of(request, rows, ShareLinkSerializer, order="-created_at", context=_context(request))

    @operation(
        "conversations_share_links_create", summary="Share a conversation by link", tags=TAGS,
        request=NewShareLinkSerializer, answers={201: ShareLinkSerializer}, errors=(404, 409, 429),
        is_repeatable=True,
    )  # fmt: skip
    def post(self, request: Request, conversation_id: UUID) -> Response:
        """Make a link that shows the conversation as it stands now to whoever holds it."""
        actor: Actor = request.actor
        body = body_of(request, NewShareLinkSerializer)

        def make() -> Response:
            link = sharing.create_share_link(actor, conversation_id=conversation_id, **body)
            return answer(request, _shown(request, link), status=201)

        return once_by_key(request, make, secrets=["url"])


class ShareLinkView(APIView):
    """One link."""

    @operation("share_links_revoke", summary="Revoke a share link", tags=TAGS, answers={204: None}, errors=(404,))
    def delete(self, request: Request, link_id: UUID) -> Response:
        """End a link at once."""
        actor: Actor = request.actor
        sharing.revoke_share_link(actor, link_id=link_id)
        return Response(status=204)
