"""Text for people: pure functions from reports to lines.  Only this package knows rich."""
