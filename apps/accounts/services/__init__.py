"""What can be done to accounts, each in one transaction, allowed first and recorded last."""
