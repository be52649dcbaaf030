"""What ships: the weights file and its model card.

Modules import towards the top of this list only:

``model_card``           Documentation/ModelCard.md
``weights``              the command that writes both
``add_training_domain``  intervals and in-domain scores for a weights file that lacks them
"""
