"""From explained words to a plan: which metric, split how, narrowed to what, when, in which order.

Read `assemble.py` first. Every word that carries something is used by one of these modules, or there is no plan.
"""
