"""The database: connections, transactions, paging, outages, migrations."""
