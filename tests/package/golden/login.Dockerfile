# Made by `gressc package`.
# A cluster that asks who is there.
# The image holds the executable and the shared objects it needs. In the folder of the program:
#   docker build -f login/Dockerfile -t login .
# GRESS names an image with gressc in it: docs/containers.md shows how to make one.
ARG GRESS=gress:0.1.0
FROM ${GRESS} AS build
WORKDIR /program
COPY ["login.gress", "./login.gress"]
RUN ["gressc", "package", "./login.gress", "--root", "/image", "--cpu", "baseline"]

FROM scratch
COPY --from=build /image/system /
COPY --from=build --chown=65532:65532 /image/data /data
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt GRESS_ADMIN=:9464
USER 65532:65532
WORKDIR /data
STOPSIGNAL SIGTERM
# An executable that cannot start ends the build.
RUN ["/bin/login", "--version"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["/bin/login", "health"]
ENTRYPOINT ["/bin/login"]
