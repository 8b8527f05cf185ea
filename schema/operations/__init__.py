"""Operations: long jobs such as bulk updates and imports."""
