"""The one WebSocket."""
