"""The worker: runs the jobs of the queue, and puts in what is due by the schedules. Read `loop` first."""
