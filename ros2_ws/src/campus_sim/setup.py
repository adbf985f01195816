"""Installs the embedded simulator as a ROS 2 package."""

from setuptools import setup

PACKAGE = "campus_sim"

setup(
    name=PACKAGE,
    version="0.1.0",
    packages=[PACKAGE],
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{PACKAGE}"]),
        (f"share/{PACKAGE}", ["package.xml"]),
    ],
    install_requires=["setuptools", "numpy", "pyyaml", "shapely"],
    zip_safe=False,
    maintainer="Campus Fleet maintainers",
    maintainer_email="maintainers@campus-fleet.example",
    description="Embedded simulator of the robots of a campus and of what surrounds them.",
    license="Apache-2.0",
    entry_points={"console_scripts": [f"campus_sim = {PACKAGE}.main:main"]},
)
