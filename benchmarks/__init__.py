"""The product beside its peers."""
