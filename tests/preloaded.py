"""What the process imports from which programs are forked; see tests/processes.py. Nothing here may start a thread."""

import gc

gc.collect()
gc.freeze()  # so that no collection in a child copies what it shares with the others
