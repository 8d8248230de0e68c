"""The ledger: what calls hold back before they begin and are charged after they end."""
