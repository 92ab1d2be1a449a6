"""What customers type in answer to a question, in six languages at once. None of them guesses: None is 'ask again'.

Why somebody leaves is read by `LexicalRouter.subtype`, with the word families of the router.
"""

from support_agent.router.readers.addresses import AddressRead as AddressRead
from support_agent.router.readers.addresses import address as address
from support_agent.router.readers.answers import Answer as Answer
from support_agent.router.readers.answers import choice as choice
from support_agent.router.readers.answers import code as code
from support_agent.router.readers.answers import consent as consent
from support_agent.router.readers.answers import email as email
from support_agent.router.readers.dates import PauseLength as PauseLength
from support_agent.router.readers.dates import box_month as box_month
from support_agent.router.readers.dates import box_months as box_months
from support_agent.router.readers.dates import day as day
from support_agent.router.readers.dates import pause_length as pause_length
from support_agent.router.readers.frequencies import frequency as frequency
