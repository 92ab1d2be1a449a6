"""What the dialogue API does, without HTTP: who may, how often, and what the desk is asked. All of it blocks."""

from __future__ import annotations

from support_agent.channels.answers import Answers
from support_agent.channels.customers import CustomersDoor
from support_agent.channels.guard import Guard, Reach, Staff
from support_agent.channels.office import Office
from support_agent.channels.repeating import Repeating
from support_agent.channels.staff import StaffDoor


class Door:
    """staff: the server's own credentials. is_open: there are none, and whoever reaches this machine is staff."""

    def __init__(self, office: Office, staff: Staff, reach: Reach, *, is_open: bool) -> None:
        self.guard = Guard(office, staff, reach, is_open=is_open)
        self.repeating = Repeating(office)
        answers = Answers(office)
        self.customers = CustomersDoor(office, self.guard, answers)
        self.staff = StaffDoor(office, self.guard, answers)
