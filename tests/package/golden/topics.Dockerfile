# Made by `gressc package`.
# Totals
# The image holds the executable and the shared objects it needs. In the folder of the program:
#   docker build -f topics/Dockerfile -t totals .
# GRESS names an image with gressc in it: docs/containers.md shows how to make one.
ARG GRESS=gress:0.1.0
FROM ${GRESS} AS build
WORKDIR /program
COPY ["topics.gress", "./topics.gress"]
RUN ["gressc", "package", "./topics.gress", "--root", "/image", "--cpu", "baseline"]

FROM scratch
COPY --from=build /image/system /
COPY --from=build --chown=65532:65532 /image/data /data
ENV GRESS_ADMIN=:9464
USER 65532:65532
WORKDIR /data
STOPSIGNAL SIGTERM
# An executable that cannot start ends the build.
RUN ["/bin/Totals", "--version"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["/bin/Totals", "health"]
ENTRYPOINT ["/bin/Totals", "--checkpoint-dir", "/data/checkpoints"]
