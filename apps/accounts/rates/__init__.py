"""Rate limits: how often somebody may ask, counted over all processes."""
