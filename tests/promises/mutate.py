"""Change the package a little, one place at a time, and see whether the tests notice.

    python -m tests.promises.mutate --sample 40 --workers 2 --json mutants.json

A mutant is one file with one operator, constant or return changed. The tests that belong to the file run against it, in
a copy of the repository, until the first of them fails: then it is killed. One that no test fails is a survivor, and is
listed with its line. Which mutants are tried depends on the seed alone.
"""

from __future__ import annotations

import argparse
import ast
import copy
import gc
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOOK_SECONDS = 0.02
LOOKS, SLOWER = 4500, 4
"""A mutant hangs, and counts as killed, whose tests have not ended after so many looks and after so many times as many
as
the unmutated ones take: time is counted in looks, so that a slow machine is no mutant."""
MOST_LOOKS = 60_000
"""After which the unmutated tests hang themselves."""


@dataclass(frozen=True)
class Target:
    """Files, and the tests that have to notice what is changed in them, the quickest first."""

    files: tuple[str, ...]
    tests: tuple[str, ...]


TARGETS = {
    "windows": Target(
        ("windows.py",),
        (
            "tests/test_windows.py",
            "tests/evaluation/test_kstep.py",
            "tests/evaluation/test_evaluate.py",
            "tests/promises/test_sizes.py",
        ),
    ),
    "walk": Target(
        ("walk.py",),
        (
            "tests/test_walk.py",
            "tests/test_memory.py",
            "tests/evaluation/test_evaluate.py",
            "tests/evaluation/test_kstep.py",
            "tests/evaluation/test_every_origin.py",
            "tests/models/test_model.py",
            "tests/promises/test_learning.py",
            "tests/promises/test_sizes.py",
            "tests/evaluation/test_paths.py",
        ),
    ),
    "tests": Target(
        (
            *("numerics/inference.py", "numerics/prewhitened.py"),
            *("evaluation/trust.py", "evaluation/tested.py", "evaluation/rule.py"),
        ),
        (
            "tests/numerics/test_inference.py",
            "tests/numerics/test_prewhitened.py",
            "tests/evaluation/test_trust.py",
            "tests/evaluation/test_tested.py",
            "tests/evaluation/test_rule.py",
            "tests/evaluation/test_kstep.py",
        ),
    ),
    "audit": Target(
        tuple(
            f"evaluation/audit/{name}.py"
            for name in ("bits", "findings", "isolated", "loop", "opened_files", "perturbed", "pipelines")
        ),
        (
            "tests/evaluation/audit/test_bits.py",
            "tests/evaluation/audit/test_perturbed.py",
            "tests/evaluation/audit/test_findings.py",
            "tests/evaluation/audit/test_pipelines.py",
            "tests/evaluation/audit/test_loop.py",
            "tests/evaluation/audit/test_isolated.py",
            "tests/evaluation/audit/test_opened_files.py",
            "tests/evaluation/audit/test_init.py",
            "tests/testing/test_contract.py",
        ),
    ),
    "storage": Target(
        ("storage.py",),
        (
            "tests/test_storage.py",
            "tests/models/test_stored.py",
            "tests/promises/test_stored.py",
            "tests/repository/test_golden.py",
        ),
    ),
}

COMPARISONS: dict[type, tuple[type, ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}


@dataclass(frozen=True)
class Mutant:
    """One change: in which file, where, from what to what."""

    file: str
    line: int
    what: str
    place: int
    choice: int


def skipped(tree: ast.AST) -> set[int]:
    """Nodes whose change no test could see: annotations, what only a type checker reads, and the texts of errors."""
    found: set[int] = set()
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
            parts = [node.returns, *(argument.annotation for argument in every if argument)]
        elif isinstance(node, ast.AnnAssign):
            parts = [node.annotation]
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            parts = [node]
        elif isinstance(node, (ast.JoinedStr, ast.Raise)):
            parts = [node] if isinstance(node, ast.JoinedStr) else []
        for part in parts:
            found |= {id(inner) for inner in ast.walk(part)} if part is not None else set()
    return found


def changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """The ways in which a node can be changed: what is said of it, and the changed node."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in COMPARISONS.get(type(node.ops[0]), ()):
            made = copy.copy(node)
            made.ops = [other()]
            yield f"{ast.unparse(node)}  ->  {ast.unparse(made)}", made
    elif isinstance(node, ast.BoolOp):
        made = copy.copy(node)
        made.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield f"{ast.unparse(node)}  ->  {ast.unparse(made)}", made
    elif isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        made = copy.copy(node)
        made.op = ARITHMETIC[type(node.op)]()
        yield f"{ast.unparse(node)}  ->  {ast.unparse(made)}", made
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield f"{ast.unparse(node)}  ->  {ast.unparse(node.operand)}", node.operand
    elif isinstance(node, ast.Constant) and type(node.value) is bool:
        yield f"{node.value}  ->  {not node.value}", ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and type(node.value) is int:
        for value in (node.value + 1, node.value - 1):
            yield f"{node.value}  ->  {value}", ast.Constant(value)
    elif isinstance(node, ast.Constant) and type(node.value) is float:
        yield f"{node.value}  ->  {node.value + 1.0}", ast.Constant(node.value + 1.0)
    elif isinstance(node, ast.Return) and node.value is not None and ast.unparse(node.value) != "None":
        yield f"{ast.unparse(node)}  ->  return None", ast.Return(ast.Constant(None))


def mutants(file: str, source: str) -> list[Mutant]:
    """All mutants of a file."""
    tree = ast.parse(source)
    left_out, found = skipped(tree), []
    for place, node in enumerate(ast.walk(tree)):
        if id(node) not in left_out:
            for choice, (what, _) in enumerate(changes(node)):
                found.append(Mutant(file, getattr(node, "lineno", 0), what.replace("\n", " ")[:160], place, choice))
    return found


def mutated(source: str, mutant: Mutant) -> str:
    """The source with one mutant's change."""
    tree = ast.parse(source)
    wanted = next(node for place, node in enumerate(ast.walk(tree)) if place == mutant.place)
    _, made = list(changes(wanted))[mutant.choice]

    class Swap(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return ast.copy_location(made, node) if node is wanted else self.generic_visit(node)

    return ast.unparse(ast.fix_missing_locations(Swap().visit(tree)))


# ---------------------------------------------------------------------------------------------------------------
# Running


def copied(folder: Path) -> Path:
    """A copy of the repository, without what is made."""
    made = folder / "copy"
    leave = shutil.ignore_patterns(".git", ".venv", "__pycache__", "_build", ".*_cache", ".hypothesis", "generated")
    shutil.copytree(ROOT, made, ignore=leave, symlinks=True)
    return made


def import_once() -> None:
    """What tests import, all but ours: processes that are forked from here have it already."""
    import hmmlearn.hmm  # noqa: F401
    import hypothesis.strategies  # noqa: F401
    import pandas  # noqa: F401
    import polars  # noqa: F401
    import pyarrow.parquet  # noqa: F401
    import pytest  # noqa: F401
    import scipy.signal  # noqa: F401
    import sklearn.ensemble  # noqa: F401
    import statsmodels.api  # noqa: F401
    import torch

    torch.set_num_threads(1)
    gc.freeze()  # none of it is garbage, and a collector that walks through it all takes longer than most tests


def passes(repository: Path, tests: tuple[str, ...], looks: int, compiled: bool = False) -> tuple[bool | None, int]:
    """(whether the tests pass in a copy, file by file; None where they hang, looks until it was known).

    With `compiled` what is imported stays compiled.
    """
    child = os.fork()
    if child == 0:
        code = 70
        try:
            os.setsid()
            os.chdir(repository)
            sys.dont_write_bytecode = not compiled
            sys.path[:] = [
                str(repository),
                str(repository / "src"),
                *[p for p in sys.path if not p.startswith(str(ROOT / "src"))],
            ]
            for name in [name for name in sys.modules if name.split(".")[0] in ("tests", "stepahead")]:
                del sys.modules[name]
            null = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(null, stream)
            import pytest

            left_out = ("cacheprovider", "xdist", "logging", "unraisableexception", "threadexception")
            quietly = ["-x", "-q", "-W", "ignore", *(word for name in left_out for word in ("-p", f"no:{name}"))]
            # One file after the other: most mutants end in the first, and the others are not even imported.
            code = next((ended for name in tests if (ended := int(pytest.main([*quietly, name])))), 0)
        finally:
            os._exit(code)
    for look in range(looks):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0, look
        time.sleep(LOOK_SECONDS)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None, looks


def forget(repository: Path, files: tuple[str, ...]) -> None:
    """Leave nothing compiled of the files that will be changed: a change within the same second would not be seen."""
    for path in (repository / "src" / "stepahead" / file for file in files):
        for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):
            compiled.unlink()


def tried(name: str, chosen: list[Mutant], repository: Path, looks: int) -> list[dict[str, object]]:
    """What became of each mutant."""
    found, tests = [], TARGETS[name].tests
    for mutant in chosen:
        path = repository / "src" / "stepahead" / mutant.file
        source = path.read_text()
        path.write_text(mutated(source, mutant))
        try:
            ended, _ = passes(repository, tests, looks)
        finally:
            path.write_text(source)
        found.append(
            {
                "file": mutant.file,
                "line": mutant.line,
                "what": mutant.what,
                "killed": ended is not True,
                "hung": ended is None,
            }
        )
        print(
            "."
            if ended is False
            else "t"
            if ended is None
            else f"\nsurvived: {mutant.file}:{mutant.line}: {mutant.what}",
            end="",
            flush=True,
        )
    return found


def chosen_of(name: str, sample: int | None, seed: int) -> list[Mutant]:
    """The mutants of a target that are tried: all, or so many of them, by the seed."""
    every = [m for file in TARGETS[name].files for m in mutants(file, (ROOT / "src" / "stepahead" / file).read_text())]
    return every if sample is None or sample >= len(every) else random.Random(seed).sample(every, sample)


def run(
    names: list[str], sample: int | None, seed: int, share: tuple[int, int] = (0, 1)
) -> dict[str, dict[str, object]]:
    """Try a sample of the mutants of each target: {target: {"of", "tried", "killed", "survivors"}}."""
    import_once()
    out: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        repository = copied(Path(folder))
        for name in names:
            good, took = passes(repository, TARGETS[name].tests, MOST_LOOKS, compiled=True)
            if good is not True:
                print(
                    f"{name}: its tests do not pass as they are, so that no mutant can be judged",
                    file=sys.stderr,
                    flush=True,
                )
                raise SystemExit(1)
            forget(repository, TARGETS[name].files)
            every = chosen_of(name, None, seed)
            results = tried(
                name, chosen_of(name, sample, seed)[share[0] :: share[1]], repository, max(LOOKS, SLOWER * took)
            )
            survivors = [f"{r['file']}:{r['line']}: {r['what']}" for r in results if not r["killed"]]
            out[name] = {
                "of": len(every),
                "tried": len(results),
                "killed": len(results) - len(survivors),
                "survivors": survivors,
            }
            print(f"\n{name}: {out[name]['killed']} of {len(results)} killed ({len(every)} mutants in all)", flush=True)
    return out


def together(parts: list[dict[str, dict[str, object]]]) -> dict[str, dict[str, object]]:
    """The results of several workers as one."""
    return {
        name: {
            "of": parts[0][name]["of"],
            "tried": sum(part[name]["tried"] for part in parts),
            "killed": sum(part[name]["killed"] for part in parts),
            "survivors": [one for part in parts for one in part[name]["survivors"]],
        }
        for name in parts[0]
    }


def in_workers(names: list[str], sample: int | None, seed: int, workers: int) -> dict[str, dict[str, object]]:
    """The same, divided among processes, each with a copy of its own."""
    if workers == 1:
        return run(names, sample, seed)
    with tempfile.TemporaryDirectory() as folder:
        children = []
        for worker in range(workers):
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    found = run(names, sample, seed, (worker, workers))
                    Path(folder, f"{worker}.json").write_text(json.dumps(found))
                    code = 0
                finally:
                    os._exit(code)
            children.append(child)
        ended = [os.waitpid(child, 0)[1] for child in children]
        if any(ended):
            raise SystemExit(1)
        return together([json.loads(path.read_text()) for path in sorted(Path(folder).iterdir())])


def main() -> int:
    """Try mutants and say what became of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*", help=f"among {', '.join(TARGETS)}; all by default")
    parser.add_argument("--sample", type=int, default=None, help="mutants of each target; all by default")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--json", type=Path, default=None)
    typed = parser.parse_args()
    found = in_workers(typed.targets or list(TARGETS), typed.sample, typed.seed, typed.workers)
    killed, of = (sum(int(part[key]) for part in found.values()) for key in ("killed", "tried"))
    print(f"\nmutation score {100.0 * killed / max(of, 1):.1f} % ({killed} of {of})")
    if typed.json is not None:
        typed.json.write_text(json.dumps(found, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
