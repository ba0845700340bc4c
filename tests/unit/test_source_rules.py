"""What no source file may do: build SQL from pieces, trust markup, run text as code, use weak hashes."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path
    for folder in ("models", "pipelines", "dashboards", "cli", "sample_data")
    for path in (ROOT / folder).rglob("*.py")
)

COMPOSERS = {
    f"models/staffcast/metrics/{module}.py": "joins expressions of the catalogue (the user's own are checked "
    "against the portable subset and the fact's columns when they are read); every name that comes from a "
    "question passes the allow-list of the fact's columns first, every value is bound"
    for module in ("compiler", "population")
}
"""The only modules that may put SQL together, and why."""

RUNNERS = {
    "execute",
    "executemany",
    "sql",
    "query",
    "from_query",
    "begin_query",
    "query_df",
    "from_substrait",
}
EXPRESSIONS = {"filter", "project", "aggregate", "order", "extract_statements"}
SQL = re.compile(
    r"^\s*(--[^\n]*\n\s*)*("
    r"select\b.*\bfrom\b|with\s+\w+\s+as\s*\(|insert\s+into\b|delete\s+from\b|update\s+\S+\s+set\b"
    r"|(create|drop|alter)\s+(or\s+replace\s+)?(temp\w*\s+)?(table|view|schema|index|macro|database)\b"
    r"|(attach|detach)\s+(database\s+)?['{%]|copy\s+\S+\s+(to|from)\b|pragma\s+\w+|call\s+\w+\(|set\s+\w+\s*=)",
    re.IGNORECASE | re.DOTALL,
)
FORBIDDEN_IMPORTS = {
    "pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "joblib",
    "requests", "httpx", "aiohttp", "urllib3", "urllib.request", "http.client", "ftplib",
    "smtplib", "telnetlib",
}  # fmt: skip
FORBIDDEN_CALLS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "tempfile.mktemp", "yaml.load",
    "hashlib.md5", "hashlib.sha1", "marshal.loads", "st.components.v1.html", "components.html",
    "random.seed", "numpy.random.seed", "np.random.seed",
}  # fmt: skip


def dotted(node: ast.expr) -> str:
    """``a.b.c`` of a name or attribute; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def is_composed(node: ast.expr) -> bool:
    """Whether the text is put together from pieces of which not all are constants."""
    match node:
        case ast.JoinedStr():
            return any(isinstance(part, ast.FormattedValue) for part in node.values)
        case ast.BinOp(op=ast.Mod(), left=left):
            return isinstance(left, ast.Constant | ast.JoinedStr) or is_composed(left)
        case ast.BinOp(op=ast.Add()):
            return not isinstance(node.left, ast.Constant) or not isinstance(node.right, ast.Constant)
        case ast.Call(func=ast.Attribute(attr="format" | "format_map" | "replace")):
            return True
        case ast.Call(func=ast.Attribute(attr="join", value=ast.Constant())):
            return True
        case ast.IfExp():
            return is_composed(node.body) or is_composed(node.orelse)
        case _:
            return False


def skeleton(node: ast.expr) -> str:
    """The constant text of a composed one, with ``{}`` for its holes."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr():
            return "".join(skeleton(part) for part in node.values)
        case ast.BinOp():
            return skeleton(node.left) + skeleton(node.right)
        case ast.Call(func=ast.Attribute(value=value)):
            return skeleton(value)
        case _:
            return "{}"


def composed_names(scope: ast.AST) -> set[str]:
    """Names that are bound to a composed text somewhere in the scope."""
    found = set()
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign) and is_composed(node.value):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        if (
            isinstance(node, ast.AugAssign)
            and isinstance(node.target, ast.Name)
            and isinstance(node.op, ast.Add)
        ):
            found.add(node.target.id)
        if isinstance(node, ast.AnnAssign) and node.value is not None and is_composed(node.value):
            found |= {node.target.id} if isinstance(node.target, ast.Name) else set()
    return found


def scopes(tree: ast.Module) -> Iterator[ast.AST]:
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    yield from functions or [tree]
    if functions:
        yield tree


def composed_sql(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for scope in scopes(tree):
        names = composed_names(scope) if scope is not tree else set()
        for node in ast.walk(scope):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                given = [
                    *node.args[:1],
                    *(word.value for word in node.keywords if word.arg in ("sql", "query")),
                ]
                named = any(isinstance(text, ast.Name) and text.id in names for text in given)
                if node.func.attr in RUNNERS and (named or any(is_composed(text) for text in given)):
                    yield node.lineno, f"{node.func.attr}() gets a text put together here"
                if node.func.attr in EXPRESSIONS and any(is_composed(text) for text in given):
                    yield node.lineno, f"{node.func.attr}() gets an expression put together here"
            if isinstance(node, ast.expr) and is_composed(node) and SQL.match(skeleton(node)):
                yield node.lineno, "a statement is put together here"


def dangerous(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, name.name) for name in names if name.name in FORBIDDEN_IMPORTS)
            case ast.ImportFrom(module=str() as module):
                whole = {module, *(f"{module}.{name.name}" for name in node.names)}
                yield from ((node.lineno, name) for name in sorted(whole & FORBIDDEN_IMPORTS))
            case ast.Call(func=func, keywords=keywords):
                if dotted(func) in FORBIDDEN_CALLS:
                    yield node.lineno, dotted(func)
                for word in keywords:
                    is_true = isinstance(word.value, ast.Constant) and word.value.value is True
                    if word.arg in ("unsafe_allow_html", "unsafe_allow_javascript"):
                        yield node.lineno, word.arg
                    if word.arg == "shell" and not (isinstance(word.value, ast.Constant) and not is_true):
                        yield node.lineno, "shell=True"
                if dotted(func) == "st.html" and not reads_packaged_file(node):
                    yield node.lineno, "st.html of anything but a packaged file"
            case _:
                pass


def reads_packaged_file(call: ast.Call) -> bool:
    """``st.html(Path(__file__).with_name("page.css"))``: a file of ours, by a constant name."""
    match call.args:
        case [ast.Call(func=ast.Attribute(attr="with_name", value=base), args=[ast.Constant()])]:
            return ast.unparse(base) == "Path(__file__)"
        case _:
            return False


def places(rule: str) -> list[str]:
    found = []
    for path in SOURCES:
        name = path.relative_to(ROOT).as_posix()
        text = path.read_text(encoding="utf-8")
        if rule == "sql" and name not in COMPOSERS:
            found += [f"{name}:{line}: {what}" for line, what in composed_sql(ast.parse(text))]
        elif rule == "danger":
            found += [f"{name}:{line}: {what}" for line, what in dangerous(ast.parse(text))]
        elif rule == "noqa" and name not in COMPOSERS:
            found += [
                f"{name}:{line}: S608 silenced"
                for line, content in enumerate(text.splitlines(), start=1)
                if re.search(r"noqa:[^#]*\bS608\b", content)
            ]
    return sorted(set(found))


def test_sql_is_never_put_together() -> None:
    assert not places("sql")


def test_no_code_from_text_no_weak_hash_no_network_no_trusted_markup() -> None:
    assert not places("danger")


def test_the_warning_about_composed_sql_is_not_silenced() -> None:
    assert not places("noqa")


def test_composers_exist() -> None:
    assert all((ROOT / name).is_file() and reason for name, reason in COMPOSERS.items())


@pytest.mark.parametrize(
    "source",
    [
        'con.execute(f"select * from {table}")',
        'con.sql("select * from %s" % table)',
        'con.sql("select * from {}".format(table))',
        'con.execute("select * from " + table)',
        'def f():\n    text = f"drop table {name}"\n    con.execute(text)',
        'def f():\n    text = "select 1"\n    text += where\n    reader.query(text)',
        'X = f"""\n-- why\nselect a\nfrom {table}"""',
        'relation.filter(f"queue = {value}")',
        'con.executemany("insert into t values " + rows, [])',
        'con.execute(", ".join(parts))',
        "con.execute(query=f\"attach '{path}'\")",
    ],
)
def test_the_rule_sees_composed_sql(source: str) -> None:
    assert list(composed_sql(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        'con.execute("select * from t where q = ?", [queue])',
        'con.execute(sql_text("package", "name"))',
        'con.execute(fill("drop table {{name}}", name=name))',
        'say(f"select a queue, not {queue}")',
        'frame.filter(pl.col("a") == value)',
        'raise ConfigError(f"set in {origin}")',
    ],
)
def test_the_rule_lets_bound_statements_be(source: str) -> None:
    assert not list(composed_sql(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from urllib.request import urlopen",
        "from urllib import request",
        "eval(text)",
        "st.markdown(text, unsafe_allow_html=False)",
        "st.html(text)",
        "subprocess.run(command, shell=True)",
        "subprocess.run(command, shell=flag)",
        "hashlib.md5(data)",
        "tempfile.mktemp()",
        "os.system(command)",
    ],
)
def test_the_rule_sees_danger(source: str) -> None:
    assert list(dangerous(ast.parse(source)))


def test_the_rule_lets_harmless_calls_be() -> None:
    assert not list(
        dangerous(ast.parse('st.html(Path(__file__).with_name("a.css"))\nsubprocess.run(x, shell=False)'))
    )
