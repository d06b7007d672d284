"""The embedded cloud: OpenStack's services in a few processes, without daemons, root or network.

For development and tests only: servers are real hosts where the machine allows it, and entries in
a database where it does not; whoever may use this machine may reach the APIs.
"""
