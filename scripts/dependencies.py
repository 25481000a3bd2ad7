"""Print what a `pyproject.toml` depends on, extras too, one requirement a line, without spaces."""

import sys
from pathlib import Path

import tomllib

project = tomllib.loads(Path(sys.argv[1]).read_text())["project"]
requirements = [*project.get("dependencies", [])]
for extra in project.get("optional-dependencies", {}).values():
    requirements += extra
print(*(requirement.replace(" ", "") for requirement in requirements), sep="\n")
