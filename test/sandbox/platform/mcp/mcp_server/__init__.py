"""Assessment tools for the crews, offered over HTTP by name."""
