"""The hosts of an environment as Ansible wants to know them; pure, from plan and records."""
