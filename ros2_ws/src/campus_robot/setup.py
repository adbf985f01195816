"""Installs the robot-side nodes as a ROS 2 package."""

from setuptools import setup

PACKAGE = "campus_robot"

setup(
    name=PACKAGE,
    version="0.1.0",
    packages=[PACKAGE, f"{PACKAGE}.sight"],
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{PACKAGE}"]),
        (f"share/{PACKAGE}", ["package.xml"]),
    ],
    install_requires=["setuptools", "numpy", "pyyaml"],
    zip_safe=False,
    maintainer="Campus Fleet maintainers",
    maintainer_email="maintainers@campus-fleet.example",
    description="Navigator, executor, battery, watchdog, safety and perception of campus robots.",
    license="Apache-2.0",
    entry_points={
        "console_scripts": [
            f"campus_robot = {PACKAGE}.host:main",
            f"campus_perception = {PACKAGE}.sight.host:main",
        ]
    },
)
