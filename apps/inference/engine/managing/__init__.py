"""What Ollama does with models beside answering: pull, create, copy, delete, load. Plain Python."""
