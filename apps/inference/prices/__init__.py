"""The price table's page and its REST operations."""
