"""The values that every other package speaks: immutable, without effects."""
