"""Overlays: what an environment changes, merged over what the site says."""

from govstack.site.document import Map


def merged(base: Map, over: object) -> Map:
    """Return `base` with the values of `over`: maps are merged, everything else is replaced.

    A null in `over` takes the key away.  Every value keeps the position that it came from.
    What is no map has nothing to say.
    """
    if not isinstance(over, Map):
        return base
    result = Map(base.position)
    result.update(base)
    result.places |= base.places
    for key, value in over.items():
        here = result.get(key)
        if value is None:
            result.pop(key, None)
            result.places.pop(key, None)
            continue
        both = isinstance(here, Map) and isinstance(value, Map)
        result[key] = merged(here, value) if both else value  # type: ignore[arg-type] # both checked
        result.places[key] = over.places[key]
    return result
