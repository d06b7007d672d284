"""Runs roles on hosts, by Ansible in worker processes; nothing else here knows ansible-runner."""
