"""The plan: what follows from a site, purely. No cloud, no clock, no files."""
