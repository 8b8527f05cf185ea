"""What Sayso knows and decides: rules, ledger, contacts, links."""
