"""Rules of accounts as plain functions over plain data."""
