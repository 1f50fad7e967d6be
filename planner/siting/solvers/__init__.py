"""What the siting models share: sets, searches, bounds and the solver that closes the rest."""
