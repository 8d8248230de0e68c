"""The shared floor: what every app stands on. Imports no app."""
