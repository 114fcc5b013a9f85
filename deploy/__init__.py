"""Start the whole hub on one machine: PostgreSQL, partners, Airflow and API under one
supervisor.
"""
