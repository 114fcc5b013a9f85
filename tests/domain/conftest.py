from hypothesis import HealthCheck, settings

# No time limits: the machine may be busy with other work.
settings.register_profile(
    "patient", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")
