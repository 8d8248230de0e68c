"""What chat decides in plain Python."""
