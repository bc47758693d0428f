"""The numbers that the pictures, the targets and the model agree on."""

PATCH = 14  # pixels along a patch
CELL_ROWS, CELL_COLUMNS = 16, 25  # cells of queries over a view: a row of cells holds one line
QUERIES = CELL_ROWS * CELL_COLUMNS
VIEW_SIDE = 224  # pixels along the square of a view's area
