"""Installs the Gazebo side of the campus as a ROS 2 package."""

from glob import glob

from setuptools import setup

PACKAGE = "campus_gazebo"

setup(
    name=PACKAGE,
    version="0.1.0",
    packages=[PACKAGE],
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{PACKAGE}"]),
        (f"share/{PACKAGE}", ["package.xml"]),
        *(
            (f"share/{PACKAGE}/models/{kind}", glob(f"models/{kind}/*"))
            for kind in ("security", "cleaning", "safety")
        ),
    ],
    install_requires=["setuptools", "numpy", "protobuf", "pyyaml", "shapely"],
    zip_safe=False,
    maintainer="Campus Fleet maintainers",
    maintainer_email="maintainers@campus-fleet.example",
    description="Gazebo models of the campus robots, and the bridge between Gazebo and ROS.",
    license="Apache-2.0",
    entry_points={
        "console_scripts": [
            f"campus_gazebo = {PACKAGE}.gazebo11_bridge:main",
            f"campus_gazebo_models = {PACKAGE}.models:main",
        ]
    },
)
