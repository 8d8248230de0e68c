"""What the account pages ask about the request."""
