"""The two sides of a comparison: a source with what was taken in, a target with what it has
confirmed.
"""
