"""What a customer's message means, without a model. `LexicalRouter` is the port `Router`; `readers` read answers."""

from support_agent.router.confidence import ASK_BELOW as ASK_BELOW
from support_agent.router.examples import CategoryPage as CategoryPage
from support_agent.router.language import is_of_same_script as is_of_same_script
from support_agent.router.lexical import LexicalRouter as LexicalRouter
