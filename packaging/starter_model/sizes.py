"""The numbers that the pictures, the targets and the model agree on."""

PATCH = 14  # pixels along a patch
SIDE = 16  # cells of queries along a view
QUERIES = SIDE * SIDE
VIEW_SIDE = 224  # pixels along the square of a view's area
