"""Views of a plan: what people and programs want to see of it, as values."""
