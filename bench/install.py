"""`python -m bench install WHEEL`: from a built wheel to the first answer, without a network.

Makes a fresh virtual environment, installs the wheel into it while the dependencies come from the
environment that runs this (a path file), and starts the server. What a download takes on top of it
depends on the line; the sizes of the wheels are printed for that.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from pathlib import Path

import appliance


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("wheel", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="install-") as folder:
        python = environment(Path(folder))
        began = time.monotonic()
        command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-index"]
        subprocess.run([*command, "--no-deps", "--quiet", str(chosen.wheel)], check=True)
        installed = time.monotonic()
        add_dependencies(Path(folder))
        text = subprocess.run(
            [python, "-c", "import appliance; print(appliance.__file__)"],
            check=True,
            capture_output=True,
            text=True,
            cwd=folder,
        ).stdout
        assert Path(text.strip()) != Path(appliance.__file__), "the tree's own package was found"
        ready = ready_seconds(python, Path(folder))
    print(f"wheel      {chosen.wheel.stat().st_size / 1e6:.2f} MB")
    print(f"install    {installed - began:.2f} s (dependencies were there)")
    print(f"ready      {ready:.2f} s")


def environment(folder: Path) -> Path:
    venv.create(folder / "env", with_pip=False)
    return folder / "env" / "bin" / "python"


def add_dependencies(folder: Path) -> None:
    """Path files in a directory that a path file adds are not followed: no editable install."""
    site = next((folder / "env" / "lib").glob("python*/site-packages"))
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")


def ready_seconds(python: Path, folder: Path) -> float:
    data = folder / "data"
    began = time.monotonic()
    command = [str(python), "-m", "appliance", "up", "--data", str(data)]
    server = subprocess.Popen(
        [*command, "--set", "listen.free_ports=true"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not (data / "appliance.json").is_file():
            assert server.poll() is None, "the server ended"
            time.sleep(0.005)
        return time.monotonic() - began
    finally:
        server.terminate()
        server.wait(30)


if __name__ == "__main__":
    main()
