"""The course of a call: resolved to models, charged, looked for in the cache, given to the pool.

Each step is a module that wraps the next, so that one call is the same for runs and the gateway.
"""
