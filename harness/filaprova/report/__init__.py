"""From a run's results to what people read.

``text``: what is said; ``pages``, ``console``: where it is shown; ``comparison``: of several runs;
``pictures``: of what happened to the tasks.
"""
