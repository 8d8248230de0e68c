"""How long a model stays in a server's memory, and when it is fetched ahead of a call: plain data, no clock of its own."""
