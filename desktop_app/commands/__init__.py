"""The command line, one file a command. Nothing here loads Qt, and torch only when it must."""
