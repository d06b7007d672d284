"""How each project is hosted: ``load()`` starts its inner services and returns its application.

A module may only be imported in the process that hosts its project, after `settings.point_to`:
upstream's modules read their configuration when they are imported.
"""
