"""The public door: pages on which anybody tells us something, and comes back to it with a receipt.

The promise: nobody has to say who they are; no cookie is set, nothing is kept before it is sent or saved, and a page
left open tells nothing. What is sent is kept by the rooms below (signals, mailbox); this room only asks and shows.
"""
