"""One function for each verb; it composes the packages below and returns a `Result`."""
