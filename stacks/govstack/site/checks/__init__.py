"""What a site must not say: each module checks one kind of rule and yields every problem."""
