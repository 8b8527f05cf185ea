"""What all recipient pages share: layout, forms, language, colours, logos, evidence of the request."""
