"""What names mean: when two are one model, and which address is OpenAI's own."""

from urllib.parse import urlsplit


def model_key(name: str) -> str:
    """This will give what names of one model have in common: Ollama's `:latest` is what no tag means."""
    return name.removesuffix(":latest")


def is_openai(base_url: str) -> bool:
    """This will tell whether an address is OpenAI's own, of any region, and not of a server that speaks its wire."""
    host = urlsplit(base_url).hostname or ""
    return host == "api.openai.com" or host.endswith(".api.openai.com")
