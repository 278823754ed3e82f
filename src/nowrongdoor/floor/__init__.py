"""The floor: where people of an agency answer its line, and see who else does."""
