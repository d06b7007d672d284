"""What each kind of system is made of, as Pulumi components."""
