# Images of the campus fleet: `manager`, `robot` (one robot's computer, nothing of the manager on
# it) and `demo` (a whole campus in one container). docs/deploy.md says how to build and run them,
# also without a Docker daemon.

ARG BASE=docker.io/library/debian:bookworm-slim

FROM ${BASE} AS python
ENV DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
RUN apt-get update -q \
    && apt-get install -y -q --no-install-recommends python3 python3-distutils ca-certificates \
    && rm -rf /var/lib/apt/lists/*

# --- everything that builds: compiler, Node, colcon. Nothing of it is in an image. ---
FROM python AS build
RUN apt-get update -q \
    && apt-get install -y -q --no-install-recommends g++ make python3-dev python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/campus-fleet
COPY . .
RUN python3 scripts/setup \
    && rm -rf ros2_ws/build ros2_ws/log .cache fleet_manager/dashboard/node_modules

FROM build AS manager-files
RUN .venv/bin/python deploy/image/prune.py campus-fleet ros-rclpy ros-rmw-fastrtps-cpp \
        ros-std-msgs ros-geometry-msgs ros-sensor-msgs ros-nav-msgs ros-std-srvs ros-rosgraph-msgs \
        protobuf \
    && rm -rf tests benchmarks docs .git

FROM build AS robot-files
RUN .venv/bin/python deploy/image/prune.py ros-rclpy ros-rmw-fastrtps-cpp ros-std-msgs \
        ros-geometry-msgs ros-sensor-msgs ros-nav-msgs ros-std-srvs ros-rosgraph-msgs pyyaml numpy \
    && rm -rf tests benchmarks docs .git fleet_manager perception launch maps \
        ros2_ws/src/campus_sim ros2_ws/src/campus_gazebo \
        ros2_ws/install/campus_sim ros2_ws/install/campus_gazebo

# --- what runs: Python and the files, as a user without rights ---
FROM python AS runs
RUN useradd --system --uid 10001 --home-dir /var/lib/campus-fleet --create-home campus
ENV PATH=/opt/campus-fleet/.venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    NUMBA_CACHE_DIR=/var/lib/campus-fleet/machine-code CAMPUS_DATA_DIR=/var/lib/campus-fleet
WORKDIR /opt/campus-fleet
VOLUME /var/lib/campus-fleet
ENTRYPOINT ["/opt/campus-fleet/deploy/image/entrypoint"]
USER campus

FROM runs AS robot
COPY --from=robot-files /opt/campus-fleet /opt/campus-fleet
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["/opt/campus-fleet/deploy/image/healthy", "robot"]
CMD ["ros2_ws/install/campus_robot/lib/campus_robot/campus_robot", "--help"]

FROM runs AS manager
COPY --from=manager-files /opt/campus-fleet /opt/campus-fleet
ENV CAMPUS_HOST=0.0.0.0 CAMPUS_PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["/opt/campus-fleet/deploy/image/healthy"]
CMD ["fleet", "serve"]

FROM manager AS demo
CMD ["fleet", "demo"]
