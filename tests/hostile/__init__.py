"""Hostile submissions, as data, and the class that they are graded in."""
