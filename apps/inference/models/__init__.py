"""The tables of inference."""

from apps.inference.models.caching import SemanticAnswer
from apps.inference.models.managing import ModelJob, ModelRule, ModelRuleVersion
from apps.inference.models.memory import MemoryPin
from apps.inference.models.pricing import Price
from apps.inference.models.providers import KindChoices, Origin, Provider, catalog_of
from apps.inference.models.tiers import Tier, TierName

__all__ = [
    "KindChoices",
    "MemoryPin",
    "ModelJob",
    "ModelRule",
    "ModelRuleVersion",
    "Origin",
    "Price",
    "Provider",
    "SemanticAnswer",
    "Tier",
    "TierName",
    "catalog_of",
]
