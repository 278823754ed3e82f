"""A sender's way back to their own signal: one receipt opens it, and nothing else does.

The promise: whoever tells something may come back, add, correct, answer, take their consent back and ask for erasure,
from any device and without a name; whoever only saw something learns that it was received and read, and is thanked or
asked, and nothing more (a third party is never tipped off). What a sender wrote never vanishes when somebody else
answers for it.
"""
