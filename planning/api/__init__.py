"""REST API of plans: land-use classes, plans, versions, comments, uploads, mapping profiles."""
