"""Tests of samepoint_training; they read real data only where it is installed."""
