"""Texts as vectors: the embedder that comes with Olympus, those of model servers, and a cache before both."""
