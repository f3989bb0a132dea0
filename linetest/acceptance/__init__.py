"""The main job: an order and a profile become steps over all rooms, and one record per line."""
