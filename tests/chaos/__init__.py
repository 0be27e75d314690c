"""Has half of all questions to the model fail, and counts what people notice of it."""
