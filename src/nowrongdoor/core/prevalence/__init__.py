"""Multiple systems estimation: how many people there are, seen and unseen, from lists that several agencies hold.

Pure: tables in, estimates and verdicts out; NumPy and SciPy only, and the seed is an argument. A set of lists is a bit
mask: list 0 is 1, list 1 is 2, lists 0 and 1 together 3. A history and a term of a model are both such sets.
"""
