"""Search over REST."""

from typing import Any

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.chat.pages.search import Found, Hit, search_conversations
from apps.chat.serializers.search import SearchQuery, SearchSerializer
from olympus.kernel.rest import operation, query_of


class SearchView(APIView):
    """Titles and messages by words."""

    @operation("search", summary="Search conversations", tags=("search",), query=SearchQuery, answers=SearchSerializer)
    def get(self, request: Request) -> Response:
        """Find your titles and messages that hold all words, whatever their case and accents."""
        asked = query_of(request, SearchQuery)
        found = search_conversations(
            request.actor,
            asked["q"],
            project_id=asked.get("project"),
            is_archived=asked.get("is_archived"),
            limit=asked["limit"],
        )
        return Response(SearchSerializer(_shown(found)).data)


def _shown(found: Found) -> dict[str, Any]:
    return {"results": [_hit(hit) for hit in found.hits], "took_ms": round(found.took_ms, 1)}


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "conversation": {
            "id": hit.conversation_id,
            "title": hit.plain_title,
            "url": reverse("conversation", args=[hit.conversation_id]),
            "is_archived": hit.is_archived,
            "title_pieces": hit.title,
        },
        "message": {"id": hit.message_id, "role": hit.role, "created_at": hit.at} if hit.message_id else None,
        "snippet": hit.snippet,
        "url": hit.url,
        "at": hit.at,
    }
