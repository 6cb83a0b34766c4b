"""The package as pyproject.toml describes it: commands, dependencies, documents."""

import ast
import contextlib
import importlib
import io
import json
import re
import subprocess
import sys
import tomllib
import unittest
from importlib import metadata
from pathlib import Path

from samepoint_training.errors import ConfigError, TrainingError, command

PACKAGE = Path(__file__).resolve().parents[1]
REPOSITORY = PACKAGE.parents[1]
PROJECT = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
COMMANDS = PROJECT["scripts"]


COMMAND_NAME = (
    r"\bsamepoint-(?:train|pack|convert|quantise|template|register|distil|(?:validate|export)(?:-student|-form)?)\b"
)


def version(text: str) -> tuple[int, int]:
    """(major, minor) of a version such as 1.13.0a0."""
    major, minor = re.match(r"(\d+)\.?(\d*)", text).groups()
    return int(major), int(minor or 0)


class CommandTest(unittest.TestCase):
    def test_every_command_explains_itself(self) -> None:
        self.assertEqual(len(COMMANDS), 12)
        for name, target in COMMANDS.items():
            module, function = target.split(":")
            out = io.StringIO()
            with contextlib.redirect_stdout(out), self.assertRaises(SystemExit) as ended:
                getattr(importlib.import_module(module), function)(["--help"])
            self.assertEqual(ended.exception.code, 0)
            self.assertIn(name, out.getvalue())

    def test_every_module_that_runs_is_a_command(self) -> None:
        runs = [file.stem for file in (PACKAGE / "samepoint_training").glob("*.py") if "def main(" in file.read_text()]
        self.assertEqual({target.split(":")[0].split(".")[1] for target in COMMANDS.values()}, set(runs))

    def test_an_error_ends_a_command_with_its_message_and_status_1(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "samepoint_training.train", "--config", "absent.json"],
            cwd=PACKAGE,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stderr.startswith("error: absent.json: not a readable JSON file"), done.stderr)
        self.assertNotIn("Traceback", done.stderr)

    def test_only_errors_on_purpose_are_reported_without_a_traceback(self) -> None:
        def fails(error: Exception) -> None:
            @command
            def main(_: object) -> None:
                raise error

            main([])

        with self.assertRaises(SystemExit) as ended:
            fails(ConfigError("wrong key"))
        self.assertEqual(ended.exception.code, "error: wrong key")
        with self.assertRaises(ZeroDivisionError):
            fails(ZeroDivisionError())
        self.assertTrue(issubclass(ConfigError, TrainingError))


class DependencyTest(unittest.TestCase):
    def test_every_imported_package_is_a_dependency_and_the_other_way_round(self) -> None:
        imported = set()
        for file in (PACKAGE / "samepoint_training").glob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.level == 0:
                    imported.add(node.module.split(".")[0])
        foreign = imported - set(sys.stdlib_module_names)
        declared = {re.match(r"[\w-]+", requirement)[0] for requirement in PROJECT["dependencies"]}
        self.assertEqual(foreign, declared)

    def test_the_installed_versions_lie_in_the_ranges(self) -> None:
        for requirement in PROJECT["dependencies"]:
            name, low, high = re.match(r"([\w-]+)>=([^,]+),<(.+)", requirement).groups()
            installed = version(metadata.version(name))
            self.assertTrue(version(low) <= installed < version(high), f"{name} {installed}: {requirement}")

    def test_the_version_is_that_of_the_models_package(self) -> None:
        self.assertEqual(
            PROJECT["version"], json.loads((REPOSITORY / "models" / "package.json").read_text())["version"]
        )


class DocumentTest(unittest.TestCase):
    def test_commands_in_the_documents_exist(self) -> None:
        files = [PACKAGE / "README.md", *(REPOSITORY / "models").glob("*/README.md")]
        named = {name for file in files for name in re.findall(COMMAND_NAME, file.read_text())}
        self.assertEqual(named, set(COMMANDS))

    def test_every_module_is_in_the_table_of_the_readme(self) -> None:
        text = (PACKAGE / "README.md").read_text()
        for file in (PACKAGE / "samepoint_training").glob("[a-z]*.py"):
            self.assertTrue(f"`{file.name}`" in text, file.name)


if __name__ == "__main__":
    unittest.main()
