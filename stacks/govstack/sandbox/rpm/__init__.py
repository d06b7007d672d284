"""What makes RPMs of a Debian's files; it is run inside the tree that it changes."""
