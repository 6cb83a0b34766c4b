"""Training, validation and export of anatomical embeddings.

SAM: Yan et al., "SAM: Self-supervised Learning of Pixel-wise Anatomical Embeddings in Radiological
Images", IEEE TMI 2022.
UAE: Bai et al., "UAE: Universal Anatomical Embedding on Multi-modality Medical Images", 2023 (arXiv 2311.15111).
"""
