"""What stands in for hypervisor, network and storage, at the places upstream provides for it."""
