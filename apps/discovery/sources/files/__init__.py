"""Files that list services: bounded reading, and the formats."""
