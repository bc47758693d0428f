"""Pictures of the screen: where monitors lie, who can grab them, and which region is meant."""
