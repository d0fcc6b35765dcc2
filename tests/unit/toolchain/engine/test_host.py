"""Unit: which Python runs a program, what it needs, and what its failure looks like."""

import asyncio
import base64
import json
import platform
import runpy
import subprocess
import sys
import time
from pathlib import Path

import pytest

from toolchain.engine.host import packages, program
from toolchain.engine.host.options import OptionsError, resolve
from toolchain.engine.host.processes import Children, end, output


def _virtualenv(folder: Path) -> Path:
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    return folder


def test_a_relative_virtualenv_starts_at_the_project(tmp_path: Path) -> None:
    _virtualenv(tmp_path / ".venv")
    pack = tmp_path / "policies"
    pack.mkdir()
    runtime = resolve({"virtualenv": "../.venv"}, pack, {})
    assert runtime.interpreter.resolve() == Path(sys.executable).resolve()
    env = runtime.environment({"PATH": "/usr/bin", "PYTHONHOME": "/elsewhere"})
    assert env["PATH"].split(":")[0].endswith(".venv/bin")
    assert "PYTHONHOME" not in env


def test_uv_projects_have_their_environment_where_uv_makes_it(tmp_path: Path) -> None:
    _virtualenv(tmp_path / ".venv")
    assert resolve({"toolchain": "uv"}, tmp_path, {}).virtualenv == tmp_path / ".venv"


def test_a_missing_virtualenv_is_named_with_the_commands_that_make_it(tmp_path: Path) -> None:
    with pytest.raises(OptionsError, match=r"does not exist.*uv venv .*uv pip sync"):
        resolve({"virtualenv": ".venv"}, tmp_path, {})


def test_a_folder_that_is_no_virtualenv_is_not_called_missing(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    with pytest.raises(OptionsError, match="is not a virtual environment"):
        resolve({"virtualenv": ".venv"}, tmp_path, {})


def test_an_unknown_toolchain_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionsError, match="toolchain is 'poetry'"):
        resolve({"toolchain": "poetry"}, tmp_path, {})


def test_without_a_virtualenv_the_python_on_the_path_is_taken(tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.symlink_to(sys.executable)
    runtime = resolve({}, tmp_path, {"PATH": str(tmp_path)})
    assert (runtime.interpreter, runtime.virtualenv) == (python, None)


def test_without_any_python_the_option_to_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(OptionsError, match=r"runtime\.options\.virtualenv"):
        resolve({}, tmp_path, {"PATH": str(tmp_path)})


def _sdk(folder: Path, package_name: str, **document: object) -> None:
    package = folder / package_name
    package.mkdir()
    (package / "pulumi-plugin.json").write_text(json.dumps(document))


def test_required_plugins_are_those_of_the_installed_sdks(tmp_path: Path) -> None:
    _sdk(tmp_path, "pulumi_tls", resource=True, name="tls", version="v5.6.2")
    _sdk(tmp_path, "pulumi_random", resource=True, name="random", version="4.21.4", server="s")
    _sdk(tmp_path, "pulumi_policy", resource=False, name="policy", version="1.0.0")
    assert packages.required([tmp_path]) == [
        packages.Package(name="random", version="4.21.4", server="s"),
        packages.Package(name="tls", version="5.6.2"),
    ]


def test_a_parameterized_sdk_brings_its_parameters(tmp_path: Path) -> None:
    parameters = {"name": "argo", "version": "1.9.2", "value": base64.b64encode(b"x").decode()}
    _sdk(tmp_path, "argo", resource=True, name="crd", version="1.0.0", parameterization=parameters)
    (package,) = packages.required([tmp_path])
    assert package.parameterization == packages.Parameterization(
        name="argo", version="1.9.2", value=b"x"
    )


def test_a_declaration_without_a_version_is_named(tmp_path: Path) -> None:
    _sdk(tmp_path, "broken", resource=True, name="broken")
    with pytest.raises(ValueError, match=r"broken/pulumi-plugin\.json.*'version'"):
        packages.required([tmp_path])


def test_direct_dependencies_leave_out_what_others_bring() -> None:
    folders = [Path(entry) for entry in sys.path if entry.endswith("site-packages")]
    every = dict(packages.dependencies(folders, transitive=True))
    direct = dict(packages.dependencies(folders, transitive=False))
    assert "pulumi-random" in {name.replace("_", "-") for name in direct}
    assert "grpcio" in every
    assert "grpcio" not in direct


def test_a_traceback_starts_where_the_users_code_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where the engine starts a program.
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "__main__.py"
    file.write_text("def build():\n    raise KeyError('size')\n\nbuild()\n")
    with pytest.raises(KeyError) as caught:
        runpy.run_path(str(file), run_name="__main__")
    shown = program.excerpt(caught.value, file, program.Origins())
    assert shown.startswith("Traceback (most recent call last):\n")
    assert "runpy" not in shown
    assert shown.count("__main__.py") == 2
    assert shown.endswith("KeyError: 'size'\n")


def test_a_traceback_without_the_users_code_is_shown_whole(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="outside") as caught:
        raise ValueError("outside")
    assert "test_host.py" in program.excerpt(
        caught.value, tmp_path / "__main__.py", program.Origins()
    )


def test_a_traceback_lost_between_futures_is_found_where_it_was_raised() -> None:
    async def users() -> None:
        raise ValueError("lost")

    async def main() -> None:
        origins = program.Origins()
        loop = asyncio.get_running_loop()
        loop.set_task_factory(origins.task)
        task = loop.create_task(users())
        with pytest.raises(ValueError, match="lost") as caught:
            await task
        error = caught.value.with_traceback(None)
        assert "in users" in program.excerpt(error, Path(__file__), origins)

    asyncio.run(main())


def test_a_folder_is_run_by_its_main_module(tmp_path: Path) -> None:
    assert program.entry_point(tmp_path) == tmp_path / "__main__.py"
    file = tmp_path / "stack.py"
    file.touch()
    assert program.entry_point(file) == file


def _python(children: Children, script: str) -> subprocess.Popen[bytes]:
    return children.start([sys.executable, "-u", "-c", script], cwd=Path.cwd(), env={}, piped=True)


def test_both_streams_of_a_plugin_arrive_with_its_status() -> None:
    children = Children()
    child = _python(
        children, "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    )
    written = {"stdout": b"", "stderr": b""}
    for stream, chunk in output(child):
        written[stream] += chunk
    assert written == {"stdout": b"out\n", "stderr": b"err\n"}
    assert children.wait(child) == 3


def test_what_a_child_started_ends_with_it() -> None:
    children = Children()
    child = _python(
        children,
        "import os, subprocess, sys\n"
        "grandchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        # In one piece: `print` writes the end of the line by itself.
        "os.write(1, b'%d' % grandchild.pid)\n"
        "grandchild.wait()\n",
    )
    chunks = output(child)
    _, pid = next(chunks)
    end(child)
    assert list(chunks) == []  # its streams are closed: nobody is left who could write
    assert not Path("/proc", pid.decode(), "exe").exists()


def test_a_child_that_ignores_the_request_is_made_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolchain.engine.host.processes.GRACE_SECONDS", 0.2)
    children = Children()
    child = _python(
        children,
        "import signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "import sys; sys.stdout.write('ready')\n"
        "time.sleep(600)\n",
    )
    chunks = output(child)
    next(chunks)
    before = time.monotonic()
    children.end_all()
    assert time.monotonic() - before < 5
    assert children.wait(child) == -9
    assert list(chunks) == []


def test_nobody_of_a_group_outlives_its_leader() -> None:
    children = Children()
    child = _python(
        children,
        "import subprocess, sys\n"
        "stubborn = 'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);'"
        " 'print(flush=True); time.sleep(600)'\n"
        "subprocess.Popen([sys.executable, '-c', stubborn]).wait()\n",
    )
    chunks = output(child)
    next(chunks)
    end(child)
    assert list(chunks) == []


def test_the_version_is_that_of_the_programs_python() -> None:
    runtime = resolve({"virtualenv": sys.prefix}, Path("/"), {})
    assert packages.python_version(runtime) == platform.python_version()
