"""The cache over REST."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.inference.caching.managing import empty_cache, numbers_for
from apps.inference.caching.serializers import CacheSerializer
from olympus.kernel.rest import answer, operation, query_of

_TAGS = ["cache"]


class CacheView(APIView):
    """Answers that were given before."""

    @operation("cache_retrieve", summary="Read how the cache does", tags=_TAGS, answers=CacheSerializer, is_tagged=True)
    def get(self, request: Request) -> Response:
        """How often an answer was found in the last seven days, and what is kept. For owners and administrators."""
        query_of(request)
        return answer(request, dict(CacheSerializer(numbers_for(request.actor)).data))

    @operation("cache_delete", summary="Empty the cache", tags=_TAGS, answers={204: None}, errors=(503,))
    def delete(self, request: Request) -> Response:
        """Forget every kept answer and embedding of your organization. What is asked next is asked anew."""
        empty_cache(request.actor)
        return Response(status=204)
