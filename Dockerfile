# syntax=docker/dockerfile:1
# Two stages: the first builds the wheel (Node comes from a Python package), the second runs it.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml hatch_build.py README.md LICENSE constraints.txt ./
COPY appliance appliance
COPY data data
COPY web web
RUN pip wheel --no-cache-dir --wheel-dir /wheels --constraint constraints.txt .

FROM python:3.13-slim
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels /wheels/appliance-*.whl \
    && python -m compileall -q "$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
    && useradd --system --uid 10001 --home-dir /data --create-home appliance
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 3000 3100 3200 4317 4318 9090 9091 9093 9411 14268 16686 6831/udp
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:3000/-/ready', timeout=2)"]
STOPSIGNAL SIGTERM
# Inside a container only published ports are reachable; publish them on 127.0.0.1 (docker-compose.yml
# does) or set APPLIANCE__AUTH__INGEST_TOKEN and drop --insecure-no-auth.
ENTRYPOINT ["appliance"]
CMD ["up", "--host", "0.0.0.0", "--insecure-no-auth", "--data", "/data"]
