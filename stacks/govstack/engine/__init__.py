"""The engine: Pulumi, driven in worker processes."""
