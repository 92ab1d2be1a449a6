"""The only wiring: settings become a database, ports and a `Dash`.

What a question without a model does not need is imported where it is made: a process of its own answers in a second.
"""

from dash_agent.bootstrap.databases import Database as Database
from dash_agent.bootstrap.databases import open_database as open_database
from dash_agent.bootstrap.live import live_of as live_of
from dash_agent.bootstrap.live import open_live as open_live
from dash_agent.bootstrap.opening import extension_host as extension_host
from dash_agent.bootstrap.opening import open_clock as open_clock
from dash_agent.bootstrap.opening import open_dash as open_dash
from dash_agent.bootstrap.opening import open_on as open_on
from dash_agent.bootstrap.opening import open_planner as open_planner
from dash_agent.bootstrap.running import Running as Running
