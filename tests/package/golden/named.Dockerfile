# Made by `gressc package`.
# Brokers by constants: those of one cluster, and one on the program's own machine.
# The image holds the executable and the shared objects it needs. In the folder of the program:
#   docker build -f named/Dockerfile -t named .
# GRESS names an image with gressc in it: docs/containers.md shows how to make one.
ARG GRESS=gress:0.1.0
FROM ${GRESS} AS build
WORKDIR /program
COPY ["named.gress", "./named.gress"]
RUN ["gressc", "package", "./named.gress", "--root", "/image", "--cpu", "baseline"]

FROM scratch
COPY --from=build /image/system /
COPY --from=build --chown=65532:65532 /image/data /data
ENV GRESS_ADMIN=:9464
USER 65532:65532
WORKDIR /data
STOPSIGNAL SIGTERM
# An executable that cannot start ends the build.
RUN ["/bin/named", "--version"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["/bin/named", "health"]
ENTRYPOINT ["/bin/named"]
