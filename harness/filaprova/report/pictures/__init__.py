"""Pictures of a history: what happened to the tasks of one queue, as inline SVG.

story.py         history -> what became of each task, and where it stayed when
clock.py         nanoseconds -> pixels, quiet stretches cut short
timeline.py  depth.py  distribution.py  sequence.py     story -> shapes with coordinates
lives.py         the life of each task in words, the text alternative of every picture
svg.py  drawing.py      shapes -> markup
album.py         which pictures a page shows
"""
