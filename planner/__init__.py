"""What we conclude: who is underserved, why, and where teams should work."""
