"""Which model embeds: the one that is named, else the first a server offers, else the one that comes with Olympus."""

from collections.abc import Collection, Sequence
from uuid import UUID

from apps.inference.contracts import Capability, ModelChoice, ProviderKind
from apps.inference.embedding.local import MODEL_NAME, MOST_TOKENS
from apps.inference.engine.names import model_key
from apps.inference.selectors import choices_of

EMBEDDER = ModelChoice(
    model=MODEL_NAME,
    label="Olympus (built in)",
    provider_id=None,
    provider_name="Olympus",
    kind=ProviderKind.BUILTIN,
    capabilities=frozenset({Capability.EMBEDDINGS}),
    context_length=MOST_TOKENS,
)


def first_embedder(organization_id: UUID, denied: Collection[str] = ()) -> ModelChoice:
    """This will pick the model for who names none; `denied` are keys of models that are not open to them."""
    choices = (choice for choice in choices_of(organization_id) if model_key(choice.model) not in denied)
    return next((choice for choice in choices if _embeds(choice)), EMBEDDER)


def with_embedder(choices: Sequence[ModelChoice]) -> list[ModelChoice]:
    """This will offer the embedder that comes with Olympus where no server offers one."""
    return list(choices) if any(_embeds(choice) for choice in choices) else [*choices, EMBEDDER]


def is_built_in(name: str) -> bool:
    """This will tell whether a name is the built-in embedder's, with or without `Olympus/`."""
    return model_key(name).removeprefix(f"{EMBEDDER.provider_name}/") == EMBEDDER.model


def _embeds(choice: ModelChoice) -> bool:
    return Capability.EMBEDDINGS in choice.capabilities
