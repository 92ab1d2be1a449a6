"""What the dashboard steers digests and alerts by, wired as the worker's own."""

from __future__ import annotations

from dash_agent.bootstrap import Running
from dash_agent.sending.alarm_steering import AlarmSteering
from dash_agent.sending.dispatch import Dispatch
from dash_agent.sending.steering import Steering
from dash_agent.settings import Settings
from dash_agent.warehouse.audit import SqlAudit
from dash_agent.warehouse.jobs import SqlJobs
from dash_agent.warehouse.schedules import SqlSchedules
from dash_agent.worker.alerts import alarms_of
from dash_agent.worker.digests import PREFIX, dispatch_of, schedule


def steering_of(running: Running, settings: Settings) -> Steering:
    state = running.parts["database"]
    return Steering(
        dispatch=dispatch_of(running, settings),
        schedules=SqlSchedules(state),
        jobs=SqlJobs(state),
        audit=SqlAudit(state),
        schedule=lambda name: f"{PREFIX}{name}",
        bring=lambda: schedule(running),
        people=lambda: tuple(running.principals.values()),
    )


def alarm_steering_of(running: Running, dispatch: Dispatch) -> AlarmSteering:
    """By the ways that digests go out."""
    return AlarmSteering(alarms_of(running, dispatch), SqlAudit(running.parts["database"]))
