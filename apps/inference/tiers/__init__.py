"""Tiers and `auto`: what they stand for, how a call is planned by them, and where an owner changes them."""
