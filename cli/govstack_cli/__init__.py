"""The command line of govstack: parses, calls one operation, hands its result to a renderer."""
