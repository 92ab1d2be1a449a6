# One image for every service: compose.yaml gives each its command.
FROM python:3.11-slim AS built
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY pyproject.toml constraints.txt README.md ./
COPY dash_agent ./dash_agent
COPY dashboard ./dashboard
RUN python -m venv /opt/dash && /opt/dash/bin/pip install -c constraints.txt '.[dashboard]'

FROM python:3.11-slim
# A user of its own, and a folder that is its: for traces of work, and for an embedded database where none is named.
RUN useradd --system --uid 10001 --create-home --home-dir /home/dash dash \
    && mkdir /data && chown dash:dash /data
COPY --from=built /opt/dash /opt/dash
WORKDIR /srv/dash
COPY tables ./tables
COPY queries ./queries
COPY business ./business
COPY knowledge ./knowledge
COPY schemas ./schemas
ENV PATH=/opt/dash/bin:$PATH PYTHONUNBUFFERED=1 DASH_CONTENT_DIR=/srv/dash DASH_DATA_DIR=/data
USER dash
VOLUME /data
EXPOSE 7777 8501
ENTRYPOINT ["dash-agent"]
CMD ["up", "--no-demo", "--no-dashboard", "--host", "0.0.0.0", "--port", "7777"]
