"""Stages: take, decide, write. None calls another; intake, replay and release all call `apply`."""
