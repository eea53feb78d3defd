"""Stands for what takes long to import."""

import os

loaded_by = [os.getpid()]
