"""Asks the hosts themselves: tries, from inside, what the site says must and must not be so."""
