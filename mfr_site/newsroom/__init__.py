"""The editors' side of the site where it shows several apps at once (HOUSE §5)."""
