# The windows: Superset in its own environment, and vigie to install the dashboards. Built from the repository's root.
FROM python:3.11-slim
# what lays out the PDF of the monthly note
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin vigie \
    && install -d -o vigie -g vigie /opt/vigie /var/lib/vigie
USER vigie
WORKDIR /opt/vigie
COPY requirements/pipeline.txt requirements/superset.txt requirements/
RUN python -m venv .venv/superset \
    && .venv/superset/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/superset.txt
RUN python -m venv .venv/pipeline \
    && .venv/pipeline/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/pipeline.txt
COPY pyproject.toml README.md ./
COPY vigie vigie
COPY sectors sectors
COPY expectations expectations
COPY dbt_project dbt_project
COPY dashboards dashboards
COPY docker/superset docker/superset
RUN .venv/pipeline/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation -e .
ENV VIGIE_DATA=/var/lib/vigie VIGIE_BIND=0.0.0.0
VOLUME /var/lib/vigie
EXPOSE 8088
CMD [".venv/pipeline/bin/python", "docker/superset/serve.py"]
