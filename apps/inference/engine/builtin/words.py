"""What the built-in engine says about itself: always plainly, never as a model."""

NO_MODEL = (
    "No language model is connected, so this does not come from one: it is Olympus's built-in engine. To connect a "
    "model, start Ollama on this machine, or add a provider under Settings > Model servers or with "
    "`bin/manage add_provider --kind ollama --name NAME --url URL`."
)
NO_MODEL_SHORT = (
    "No language model is connected; Olympus computed this itself. "
    "Start Ollama on this machine or add a provider under Settings > Model servers."
)
NOT_A_MODEL = (
    "This does not come from a language model: it is Olympus's built-in engine. "
    "Choose another model in the model menu to ask one."
)
NOT_A_MODEL_SHORT = "Olympus computed this itself; no language model was asked."

WITHOUT_A_MODEL = """Without a language model I can only answer:

- the time and date, also elsewhere: "what time is it in Tokyo"
- arithmetic: "15% of 80", "sqrt(2) * 3^4"
- unit conversion: "5 miles in km", "100 °F to °C"
- questions about Olympus, from its own documentation: "how do I add a provider"\
"""
NO_MIND = "I am Olympus's built-in engine: a few small programs and a search in the documentation."
NOTHING_FOUND = "I found nothing about this in Olympus's own documentation."
CANNOT_SEE = "I cannot see the attached image: that needs a language model with vision."
ONLY_THE_START = "Your message is long; only its beginning was looked at."

NO_SCHEMA = (
    "The built-in engine cannot answer in a given structure (response schema). Connect a language model under "
    "Settings > Model servers, or ask without a schema."
)
NO_EMBEDDINGS = (
    "The built-in engine has no embeddings. Connect a model server that offers an embedding model under "
    "Settings > Model servers."
)
