"""Files for people and other programs, made from values: drawings, diagrams, tables."""
