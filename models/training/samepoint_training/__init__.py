"""Training, validation and export of Samepoint's anatomical point embeddings (SAM / UAE form)."""
