"""The models that answer, in the order they are asked."""

import time
from concurrent.futures import Executor
from contextlib import AsyncExitStack

from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.fallback import FallbackModel
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings as RequestSettings

from agent_runtime.agent.offline import OfflineModel
from agent_runtime.metrics import Metrics
from agent_runtime.settings import ModelSettings


class MeteredModel(WrapperModel):
    """The wrapped model, each request to it counted and timed."""

    def __init__(self, wrapped: Model, metrics: Metrics) -> None:
        super().__init__(wrapped)
        self._metrics = metrics

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: RequestSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Pass the request on; count it as `error` if anything but an answer comes back."""
        name = self.wrapped.model_name
        begin = time.perf_counter()
        status = "error"
        try:
            response = await super().request(messages, model_settings, model_request_parameters)
            status = "success"
        finally:
            self._metrics.model_requests.labels(name, status).inc()
            self._metrics.model_duration.labels(name).observe(time.perf_counter() - begin)
        self._metrics.model_tokens.labels(name, "input").inc(response.usage.input_tokens)
        self._metrics.model_tokens.labels(name, "output").inc(response.usage.output_tokens)
        return response


async def build_model(
    settings: ModelSettings, executor: Executor, metrics: Metrics, stack: AsyncExitStack
) -> Model:
    """Primary, fallback and offline model as one; what they hold open is closed with the stack."""
    members: list[Model] = []
    if settings.api_key is not None:
        members += await _vendor_models(settings, stack)
    if settings.offline:
        members.append(OfflineModel(executor))
    first, *others = [MeteredModel(member, metrics) for member in members]
    return FallbackModel(first, *others) if others else first


async def _vendor_models(settings: ModelSettings, stack: AsyncExitStack) -> list[Model]:
    # Imported here: 14 MB that a process without an API key need not hold.
    from openai import AsyncOpenAI  # noqa: PLC0415 (see above)
    from pydantic_ai.models.openai import (  # noqa: PLC0415 (see above)
        OpenAIChatModel,
        OpenAIResponsesModel,
    )
    from pydantic_ai.providers.openai import OpenAIProvider  # noqa: PLC0415 (see above)

    key = settings.api_key.get_secret_value() if settings.api_key else None
    client = AsyncOpenAI(
        api_key=key,
        base_url=settings.base_url,
        timeout=settings.timeout,
        max_retries=settings.retries,
    )
    await stack.enter_async_context(client)
    provider = OpenAIProvider(openai_client=client)
    models: list[Model] = []
    for full_name in filter(None, (settings.primary, settings.fallback)):
        vendor, _, name = full_name.partition(":")
        # A server of one's own behind base_url speaks Chat Completions; Responses is OpenAI's.
        chat = vendor == "openai-chat" or (vendor == "openai" and settings.base_url is not None)
        kind = OpenAIChatModel if chat else OpenAIResponsesModel
        models.append(kind(name, provider=provider))
    return models
