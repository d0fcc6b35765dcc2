"""Unit: one idea per file, one thing per function: what outgrows its budget is two."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("app", "benchmarks", "components", "policies", "review", "tests", "toolchain")
FILE_LINES = 310
FUNCTION_LINES = 60


def sources() -> Iterator[Path]:
    for folder in FOLDERS:
        yield from (p for p in (ROOT / folder).rglob("*.py") if ".venv" not in p.parts)
    yield from ROOT.glob("*.py")


def test_no_file_outgrows_its_budget() -> None:
    lengths = {str(p.relative_to(ROOT)): len(p.read_text().splitlines()) for p in sources()}
    assert len(lengths) > 200
    assert {name: lines for name, lines in lengths.items() if lines > FILE_LINES} == {}


def test_no_function_outgrows_its_budget() -> None:
    long: dict[str, int] = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long[f"{path.relative_to(ROOT)}:{node.name}"] = lines
    assert long == {}
