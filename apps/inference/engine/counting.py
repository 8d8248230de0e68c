"""How many tokens a text is, before any server has counted them."""

# English and code are about four characters a token; scripts without spaces about one.
_CHARACTERS_A_TOKEN = 4


def count_tokens(text: str) -> int:
    """This will estimate how many tokens a text is, rather too many than too few."""
    ascii_count = len(text.encode("ascii", "ignore"))
    return -(-ascii_count // _CHARACTERS_A_TOKEN) + len(text) - ascii_count
