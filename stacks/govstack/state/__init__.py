"""An environment's store on files: places, lock, secrets, credentials, records."""
