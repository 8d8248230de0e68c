"""The words that say nothing about what a question is about, and those that mean the same."""

_SAYING_NOTHING = """
a an and are as at be but by can could did do does for from get got had has have how i if in into is it its let me my of
on one or our please should so some tell than that the their them then there these they this to up us use used using
want was we what when where which who why will with work works would you your
about explain already find need give show also am any way possible help go somebody someone something
dont doesnt didnt isnt cant wont whats not hello hi hey thanks thank bye ok yes no
"""
STOP_WORDS = frozenset(_SAYING_NOTHING.split())

# The words people use, to those the documentation uses.
SYNONYMS: dict[str, str] = {
    "forgot": "reset",
    "forgotten": "reset",
    "lost": "reset",
    "login": "sign",
    "log": "sign",
    "signin": "sign",
    "logged": "sign",
    "logging": "sign",
    "token": "key",
    "apikey": "key",
    "stored": "data",
    "storage": "data",
    "saved": "data",
    "database": "data",
    "connect": "add",
    "configure": "add",
    "llm": "model",
    "user": "person",
    "users": "person",
    "people": "person",
    "account": "person",
    "accounts": "person",
    "2fa": "totp",
    "mfa": "totp",
    "cancel": "stop",
    "abort": "stop",
    "picture": "image",
    "photo": "image",
    "setup": "start",
    "install": "start",
    "begin": "start",
    "begun": "start",
    "redis": "valkey",
    "update": "upgrade",
}
