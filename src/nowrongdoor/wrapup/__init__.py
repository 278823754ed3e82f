"""What is done beside a contact with the line and after it: its type, flags on who calls, a review, and money."""
