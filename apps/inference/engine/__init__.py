"""The clients of model servers: plain Python over the wire."""
