"""What the roles of each host are given: from plan, inventory and material, and nothing else."""
