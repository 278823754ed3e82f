"""What may be done: `routing` opens and asks, `answering` moves the lead, `duties` keeps notices and clocks,
`changing` follows changed facts, rules and agencies."""
