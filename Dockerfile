FROM python:3.11-slim

RUN useradd --create-home --uid 10001 dash
WORKDIR /app

# The dependencies first: they change less often than the code.
COPY constraints.txt pyproject.toml README.md LICENSE ./
COPY dash_agent/__init__.py dash_agent/__init__.py
RUN pip install --no-cache-dir -c constraints.txt .

COPY . .
RUN pip install --no-cache-dir --no-deps . && mkdir -p /data && chown dash:dash /data

USER dash
ENV DASH_DATA_DIR=/data DASH_CONTENT_DIR=/app PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 7777
# Other machines can reach a container, so OS_SECURITY_KEY has to be set.
CMD ["dash-agent", "up", "--host", "0.0.0.0"]
