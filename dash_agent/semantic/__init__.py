"""From a MetricQuery to one SQL tree. Start reading at `compile.py`."""
