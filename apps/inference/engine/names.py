"""When two names mean one model."""


def model_key(name: str) -> str:
    """This will give what names of one model have in common: Ollama's `:latest` is what no tag means."""
    return name.removesuffix(":latest")
