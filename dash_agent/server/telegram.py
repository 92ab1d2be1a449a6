"""Where Telegram sends what people press, if a webhook is set up."""

# No postponed annotations here: FastAPI could not look up a route's dependencies, which are local names.
import json
from hmac import compare_digest

from fastapi import APIRouter, Request

from dash_agent.adapters.daemon_threads import in_daemon_thread
from dash_agent.bootstrap import Running
from dash_agent.server.failures import Refused
from dash_agent.server.responses import Json
from dash_agent.settings import Settings
from dash_agent.warehouse.bot_updates import take

SECRET = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  the header's name


def telegram_routes(running: Running, settings: Settings) -> APIRouter:
    """None where there is no webhook. Raises WrongUse where it is set up in part."""
    router, webhook = APIRouter(include_in_schema=False), settings.webhook
    if webhook is None or settings.telegram_token is None:
        return router
    bot, secret = settings.telegram_token.get_secret_value().partition(":")[0], webhook[1]

    @router.post("/telegram")
    async def updated(request: Request) -> Json:
        """Keeps an update and answers at once; a worker sees to it."""
        if not compare_digest(request.headers.get(SECRET, "").encode(), secret.encode()):
            raise Refused(401, "the secret of this webhook is another")
        try:
            update = json.loads(await request.body())
            int(update["update_id"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Refused(400, "the body is no update of Telegram") from None
        await in_daemon_thread(lambda: take(bot, running.parts["database"], [update]))
        return Json({})

    return router
