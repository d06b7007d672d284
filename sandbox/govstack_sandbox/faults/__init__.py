"""Faults on request: a proxy in front of the cloud, which answers as a cloud in trouble does.

Only who comes by the proxy's address meets it; the services speak to each other without it.
"""
