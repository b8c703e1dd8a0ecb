# One image for all roles: `docker build -t akrida:0.1.0 .`
#
# What is in it is decided by container/root.sh, which the tests run too: they start the binary in such a folder, as this
# user, with these variables. Keep both as plain as they are.

FROM rust:1.95-bookworm AS build
# Node makes the script of the page.
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm
WORKDIR /source
COPY . .
RUN cargo build --locked --release -p akrida
RUN container/root.sh target/release/akrida /image

FROM scratch
COPY --from=build /image /
# A number, so that Kubernetes can see that it is not root.
USER 10001:10001
# Where a locustfile.py or akrida.yaml is found without being named.
WORKDIR /locust
ENV AKRIDA_HEALTH_PORT=8090
EXPOSE 5557 8089 8090
HEALTHCHECK --interval=10s --timeout=5s --retries=6 CMD ["/akrida", "healthcheck"]
ENTRYPOINT ["/akrida"]
