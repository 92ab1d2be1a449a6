SELECT count(*) FROM support_threads_data
