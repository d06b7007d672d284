"""The site: what people declared in ``inventories/<site>/``, parsed once, at the edge."""
