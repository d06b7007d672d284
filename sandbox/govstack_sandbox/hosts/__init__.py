"""Servers as real hosts: systemd-nspawn over an overlay, in network namespaces of this cloud.

Everything here runs in one small process with root's rights, which the services ask over a
private socket, and knows nothing of OpenStack but the tables that neutron keeps.  Nothing of the
machine itself is ever changed: what is made here are namespaces, control groups and files.
"""
