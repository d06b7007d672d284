"""The embedded cloud: OpenStack's services in a few processes, without daemons, root or network.

For development and tests only: there is no hypervisor, no data plane and no storage behind the
APIs, and whoever may use this machine may reach them.
"""
