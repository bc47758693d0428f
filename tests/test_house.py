"""The house rules that a machine can check: who imports whom, what loads when, what is tracked."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("engine", "desktop_app", "packaging", "tests")
LINE_LIMIT = 400
TOP_LEVEL = {
    ".ci",
    ".gitattributes",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "README.md",
    "desktop_app",
    "engine",
    "packaging",
    "pyproject.toml",
    "resources",
    "tests",
}
LOCK_FILES = {"uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock", "pylock.toml"}
HEAVY = ("torch", "transformers", "timm", "numpy", "sentencepiece", "safetensors")
BORDER = ("engine.messages", "engine.errors")
LIGHT = (*BORDER, "engine.folder")  # all that the program may load before a model is wanted

# Spelt in pieces, so that this file does not hold what it looks for.
REGISTRY_HOSTS = ("pypi" + ".org", "python" + "hosted.org", "npm" + "js.", "deb.debian" + ".org")
MORE_HOSTS = ("download.py" + "torch.org", "astral" + ".sh", "crates" + ".io", "conda" + ".io")
MACHINE_PATHS = ("/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "/Us" + "ers/", ".libr" + "ary/")


# Imports


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, *, whole: bool) -> Iterator[str]:
    """Every module that a file imports: all of them, or those that its own import runs."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    for node in ast.walk(tree) if whole else at_import(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from imported_from(node, path)


def imported_from(node: ast.ImportFrom, path: Path) -> Iterator[str]:
    """The full names behind ``from x import y``: y may be a module or a name within x."""
    base = node.module or ""
    if node.level:
        package = path.relative_to(ROOT).parts[:-1]
        base = ".".join([*package[: len(package) - node.level + 1], *filter(None, [base])])
    yield from (f"{base}.{alias.name}" for alias in node.names)


def at_import(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when the module is imported: not functions, not TYPE_CHECKING."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from at_import(child)


def within(name: str, modules: tuple[str, ...]) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def offences(package: str, forbidden: tuple[str, ...], *, whole: bool) -> list[str]:
    return [
        f"{module_name(path)} imports {name}"
        for path in sources(package)
        for name in imports(path, whole=whole)
        if within(name, forbidden)
    ]


def engine_beyond(allowed: tuple[str, ...], package: str, *, whole: bool) -> list[str]:
    """Imports of engine modules other than those allowed."""
    return [
        f"{module_name(path)} imports {name}"
        for path in sources(package)
        for name in imports(path, whole=whole)
        if within(name, ("engine",)) and not within(name, allowed)
    ]


def test_the_reader_of_imports_sees_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    folder = tmp_path / "engine" / "model"
    folder.mkdir(parents=True)
    file = folder / "sample.py"
    file.write_text(
        "import os.path\nfrom . import chat\nfrom ..errors import Fault\n"
        "if TYPE_CHECKING:\n    import torch\ndef run():\n    import PySide6\n"
    )
    assert list(imports(file, whole=False)) == [
        "os.path",
        "engine.model.chat",
        "engine.errors.Fault",
    ]
    assert set(imports(file, whole=True)) >= {"torch", "PySide6"}


def test_engine_is_a_library() -> None:
    fronts = ("PySide6", "desktop_app", "tests", "threading", "concurrent", "multiprocessing")
    assert offences("engine", fronts, whole=True) == []


def test_the_program_loads_no_engine_at_import() -> None:
    assert engine_beyond(LIGHT, "desktop_app", whole=False) == []
    assert offences("desktop_app", (*HEAVY, "tests"), whole=False) == []


def test_widgets_see_values_only() -> None:
    assert engine_beyond(BORDER, "desktop_app/ui", whole=True) == []
    forbidden = ("desktop_app.worker", "desktop_app.commands", *HEAVY)
    assert offences("desktop_app/ui", forbidden, whole=True) == []


def loaded_by(code: str) -> set[str]:
    """The top-level modules of a fresh interpreter after some code."""
    report = "import sys; print('\\n'.join({name.partition('.')[0] for name in sys.modules}))"
    answer = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return set(answer.stdout.split())


def test_import_engine_is_light() -> None:
    loaded = loaded_by(f"import engine, {', '.join(LIGHT)}")
    assert "engine" in loaded
    assert loaded.isdisjoint({*HEAVY, "PIL", "PySide6", "desktop_app"})


@pytest.mark.parametrize("arguments", [["--help"], ["ask", "--help"], ["ocr", "--help"]])
def test_help_is_light(arguments: list[str]) -> None:
    loaded = loaded_by(
        "from desktop_app.command_line import main\n"
        f"try:\n    main({arguments})\n"
        "except SystemExit as end:\n    assert not end.code, end.code"
    )
    assert "desktop_app" in loaded
    assert loaded.isdisjoint({*HEAVY, "PIL", "PySide6"})


def test_the_window_opens_before_torch() -> None:
    modules = [module_name(path) for path in sources("desktop_app") if path.stem != "__main__"]
    loaded = loaded_by("\n".join(f"import {name}" for name in modules))
    assert "PySide6" in loaded
    assert loaded.isdisjoint(HEAVY)


# Files


@lru_cache
def tracked() -> tuple[str, ...]:
    """What git tracks and the disk holds; skips where there is no git or no checkout."""
    try:
        answer = subprocess.run(
            ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"not a git checkout: {error}")
    names = answer.stdout.decode().split("\0")
    return tuple(name for name in names if name and (ROOT / name).is_file())


def tracked_texts() -> Iterator[tuple[str, str]]:
    for name in tracked():
        data = (ROOT / name).read_bytes()
        if b"\0" not in data[:8192]:
            yield name, data.decode("utf-8", errors="replace")


@pytest.mark.parametrize("package", PACKAGES)
def test_files_are_short(package: str) -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in sources(package)
    }
    assert lengths
    assert {name: count for name, count in lengths.items() if count > LINE_LIMIT} == {}


def test_top_level_is_tidy() -> None:
    assert {name.partition("/")[0] for name in tracked()} <= TOP_LEVEL


def test_no_lock_file_is_tracked() -> None:
    assert [name for name in tracked() if Path(name).name in LOCK_FILES] == []


def test_no_registry_host_and_no_machine_path() -> None:
    forbidden = (*REGISTRY_HOSTS, *MORE_HOSTS, *MACHINE_PATHS)
    found = [(n, word) for n, text in tracked_texts() for word in forbidden if word in text]
    assert found == []


# README's promises


def readme_command(name: str) -> str:
    """One promised command, read as CI reads it."""
    answer = subprocess.run(
        ["sh", ".ci/readme-command", name], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return answer.stdout.strip()


needs_shell = pytest.mark.skipif(sys.platform == "win32", reason="the commands are for a shell")


@needs_shell
@pytest.mark.parametrize("name", ["answer", "tests"])
def test_readme_promises_one_line(name: str) -> None:
    command = readme_command(name)
    assert command
    assert "\n" not in command
    assert f"```sh\n{command}\n```" in (ROOT / "README.md").read_text(encoding="utf-8")
    scripts = [word for word in shlex.split(command) if word.startswith(".ci/")]
    assert ".ci/uv" in scripts
    assert all((ROOT / script).is_file() for script in scripts)


@needs_shell
def test_readme_answers_about_a_sample() -> None:
    words = shlex.split(readme_command("answer"))
    assert words[:5] == ["sh", ".ci/uv", "run", "minicpmv", "ask"]
    assert words[5].startswith("resources/samples/")
    assert words[5] in tracked()


@needs_shell
def test_readme_tests_with_pytest() -> None:
    assert shlex.split(readme_command("tests"))[-2:] == ["run", "pytest"]


def test_ci_runs_what_readme_says() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    steps = re.findall(r"^step .* readme (\w+) ", script, flags=re.MULTILINE)
    assert sorted(steps) == ["answer", "tests"]


def test_readme_pictures_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"resources/[\w./-]+\.(?:png|jpg|webp)", text))
    assert named
    assert sorted(named - set(tracked())) == []
