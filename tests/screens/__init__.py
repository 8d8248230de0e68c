"""Every screen and state of the product, drawn for the eye and for axe."""
