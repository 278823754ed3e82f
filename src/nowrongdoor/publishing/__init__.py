"""What leaves: documents, HTML, PDF, charts, terminals, CSV. It says how a thing is shown, never what it says."""
