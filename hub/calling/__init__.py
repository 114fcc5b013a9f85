"""Calls over HTTP, the only ones that leave the hub: each answer within its limits of bytes and
time.
"""
