"""The one door to the database: `guard` judges and makes a SafeQuery, `run` takes nothing else."""
