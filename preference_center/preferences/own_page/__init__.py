"""What a person does on their own preference page: saving it, and undoing that."""
