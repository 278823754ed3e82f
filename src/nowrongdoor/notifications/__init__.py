"""Who is told of what happened and of what is due: in the page, by email, in a calendar."""
