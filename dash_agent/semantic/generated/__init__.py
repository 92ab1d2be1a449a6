"""What is checked of SQL that a model wrote, beyond the guard: whether its number can mean what it seems to.

The guard says what may run; these say what may be shown. `reading` makes of a statement its levels: each SELECT with
what it joins (`relations`), and what it is to the one around it (`results`). `fan_out`, `values` and `zones` read
those, `figures` looks at the rows. `checks` puts them together.
"""
