"""The numbers that the pictures, the targets and the model agree on."""

PATCH = 14  # pixels along a patch
QUERIES = 33 * 33  # the published shape wants a square number
VIEW_SIDE = 336  # pixels along the square of a view's area in training
SIDE_SHIPPED = 350  # so far letters that are shown a little larger than that are read better
LINES = 32  # of a text that are numbered
SLICES_AT_MOST = 4  # of a larger picture in training; five views are what a prompt has room for
SLICES_SHIPPED = 1  # so far a larger picture is read better when it is made smaller
