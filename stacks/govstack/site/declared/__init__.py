"""What may stand in a site's files: one pydantic model for each section.

Descriptions and examples are shown in editors, in the reference and in hints.
"""
