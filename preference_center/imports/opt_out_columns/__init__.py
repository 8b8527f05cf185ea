"""Columns and cells of contact files that say no, in the words of other systems: unsubscribed, bounced, …"""
