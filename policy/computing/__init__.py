"""The parts of an analysis: a workshop's answers in, plain sections of the result out.

Numeric, so only the worker and commands import it.
"""
