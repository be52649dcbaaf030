"""A model and simple predictors on the validation split.

Modules import towards the top of this list only:

``evaluate``, ``baselines``  the commands that measure them
``repeatability``            how well labels agree with themselves: the floor
``results_page``             Documentation/Results.md
"""
