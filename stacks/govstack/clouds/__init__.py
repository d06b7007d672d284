"""Clouds: their entries in clouds.yaml, and read-only questions by openstacksdk."""
