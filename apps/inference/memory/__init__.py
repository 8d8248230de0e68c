"""The memory manager's wiring: what calls tell, what one task decides for all processes, and what calls then say."""
