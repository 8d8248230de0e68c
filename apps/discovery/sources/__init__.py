"""Where services may be: each source is a plug-in that names candidates and touches none of them."""
