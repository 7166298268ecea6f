"""Pictures of a history: what happened to the tasks of one queue, as inline SVG.

``model``: history -> what became of each task; ``layout``: that -> shapes with coordinates;
``draw``: shapes -> markup. ``album.py`` says which pictures a page shows.
"""
