"""What scenes share in which patients make things."""
