"""What proves that nothing was changed: acts, seals, their witnesses, and what a verification
reads.
"""
