"""Keeping locale/ in step with the texts in the code; a tool of developers, never imported by the product."""
