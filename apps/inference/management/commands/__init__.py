"""Commands a person types on the server."""
