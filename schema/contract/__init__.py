"""What all types of the schema share: ids, references, connections, scalars, enums and errors."""
