"""The widgets: they show the conversation and tell it wishes."""
