"""The database tables as Tortoise models, without behaviour. One module for each package that writes them."""
