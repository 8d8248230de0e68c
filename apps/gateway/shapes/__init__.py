"""The endpoints, by the shape of what programs send: each a handler of an exchange."""
