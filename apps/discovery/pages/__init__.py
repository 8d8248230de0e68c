"""What the Services pages show, in words."""
