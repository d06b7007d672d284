"""Probes of services: data beside the role that they prove, and what follows from them; pure."""
