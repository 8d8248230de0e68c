"""What chat's templates need beside Django's own tags."""
