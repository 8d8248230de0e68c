"""The REST operations of accounts, a resource a module."""
