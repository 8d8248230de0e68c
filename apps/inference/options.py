"""The settings of inference an owner may change."""

from typing import Annotated

from django.utils.translation import gettext_lazy as _
from msgspec import Meta

from olympus.kernel.options import declare_option

MEMORY_MANAGER = declare_option(
    "inference.memory_manager",
    bool,
    default=True,
    help=_("Choose how long Ollama keeps each model in memory by how it is used, and load what is expected."),
    label=_("Manage the memory of Ollama"),
)
CACHE_EXACT = declare_option(
    "inference.cache_exact",
    bool,
    default=True,
    help=_("Give the same request of the same person the answer it got before, without asking a model again."),
    label=_("Cache of answers"),
)
CACHE_TTL_S = declare_option(
    "inference.cache_ttl_s",
    Annotated[int, Meta(ge=1, le=30 * 24 * 3600)],
    3600,
    _("How long an answer is kept for the same request."),
    label=_("Answers are kept for"),
    unit=_("seconds"),
)
CACHE_SHARED = declare_option(
    "inference.cache_shared",
    bool,
    default=False,
    help=_("Let all API keys of an organization share kept answers; otherwise each person has their own."),
    label=_("Programs share answers"),
)
CACHE_SEMANTIC = declare_option(
    "inference.cache_semantic",
    bool,
    default=False,
    help=_("Also give a question the answer to one that means the same. Needs the cache of answers."),
    label=_("Answers by meaning"),
)
CACHE_THRESHOLD = declare_option(
    "inference.cache_threshold",
    Annotated[float, Meta(ge=0.8, le=1.0)],
    0.95,
    _("How much alike two questions must be to share an answer: 1 is the same meaning, 0.8 a similar subject."),
    label=_("Likeness"),
)
