"""Keys that work everywhere on the desktop, by what each system has for them."""
