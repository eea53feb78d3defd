"""The rules of the house as plain functions over a source tree, so that each can be shown to bite.

A tree is any folder laid out like this repository. Each rule returns sentences, one a violation.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

APPS = ("elicitation", "deliberation", "policy", "training")
KERNEL = "elicitation.kernel"
# What a module may import stands at or before its own place in this order.
ORDER = (KERNEL, *APPS, "deploy", "tests")
NUMERIC = (
    "numpy pandas scipy sklearn torch transformers trl peft accelerate datasets altair vl_convert"
).split()
DJANGO = ("django", "allauth", "django_htmx", "rest_framework")
WEB_PARTS = (
    "views urls forms admin api access models services exports apps templatetags middleware"
).split()
# A page's own code asks a worker; it does not import the arithmetic even inside a function.
PAGE_PARTS = "views urls forms admin api access models templatetags middleware".split()
DOMAIN_WORDS = frozenset(
    """community communities workshop participant facilitator moderator vote voter statement
    preference rationale consent ruleset constitution principle ratification endorsement dissent
    opinion pseudonym deliberation withdrawal snapshot""".split()
)
LONGEST_FILE = 400
REGISTRIES = re.compile(
    r"(pypi\.org|pythonhosted\.org|registry\.npmjs|npmjs\.com|deb\.debian|download\.pytorch"
    r"|crates\.io|proxy\.golang|index[-]url|find[-]links)"
)
MACHINE_PATHS = re.compile(r"(?<![\w.~$}])/(?:work|root|home|Users|opt|mnt)/\w+")
DOTTED_NAME = re.compile(r"[a-z_]\w*(?:\.\w+)+")


@dataclass(frozen=True)
class Import:
    """One name that a module brings in, or names in a string for someone else to import."""

    importer: str
    line: int
    target: str
    when_loaded: bool


class Tree:
    """The modules of one source tree and what each of them imports."""

    def __init__(self, root: Path) -> None:
        self.paths = dict(module_paths(root))
        self.imports = {
            name: list(imports_of(name, path.read_text(), path.name == "__init__.py"))
            for name, path in self.paths.items()
        }
        self.reached = cache(self._reached)

    def module_of(self, target: str) -> str | None:
        """The longest prefix of a dotted name that is a module of this tree."""
        while target and target not in self.paths:
            target = target.rpartition(".")[0]
        return target or None

    def _reached(self, module: str, when_loaded: bool) -> frozenset[Import]:
        """Every import that loading a module leads to, through modules of this tree."""
        seen: set[str] = set()
        found: set[Import] = set()
        waiting = [module]
        while waiting:
            name = waiting.pop()
            if name in seen or name not in self.paths:
                continue
            seen.add(name)
            waiting.append(name.rpartition(".")[0])
            for one in self.imports[name]:
                if one.when_loaded or not when_loaded:
                    found.add(one)
                    waiting.append(self.module_of(one.target) or "")
        return frozenset(found)


def module_paths(root: Path) -> Iterator[tuple[str, Path]]:
    """Every module of the apps and of deploy, by dotted name."""
    for app in (*APPS, "deploy"):
        for path in sorted((root / app).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imports_of(module: str, source: str, is_package: bool) -> Iterator[Import]:
    """What one module imports: statements at any depth, and dotted names in strings."""
    package = module if is_package else module.rpartition(".")[0]
    waiting: list[tuple[ast.AST, bool]] = [(ast.parse(source), True)]
    while waiting:
        node, when_loaded = waiting.pop()
        for target in targets(node, package):
            yield Import(module, node.lineno, target, when_loaded)  # type: ignore[attr-defined]
        lazy = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        waiting += [(child, when_loaded and not lazy) for child in ast.iter_child_nodes(node)]


def targets(node: ast.AST, package: str) -> list[str]:
    """The dotted names that one syntax node brings in."""
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=base, names=names, level=level):
            parts = package.split(".") if level else []
            parts = parts[: len(parts) - level + 1] if level else []
            start = ".".join([*parts, *([base] if base else [])])
            return [f"{start}.{alias.name}" for alias in names]
        case ast.Constant(value=str() as text) if DOTTED_NAME.fullmatch(text):
            return [text] if text.split(".")[0] in APPS else []
    return []


def within(module: str, package: str) -> bool:
    """Whether a dotted name is a package or in it."""
    return module == package or module.startswith(f"{package}.")


def place(module: str) -> int | None:
    """Where a module stands in the order; None for what is not ours."""
    return next((place for place, name in enumerate(ORDER) if within(module, name)), None)


def downstream_imports(tree: Tree) -> list[str]:
    """Imports that point downstream, and any import of deploy/ from outside it."""
    wrong = []
    for one in (found for name in tree.imports for found in tree.imports[name]):
        here, there = place(one.importer), place(one.target)
        if here is not None and there is not None and there > here:
            wrong.append(f"{one.importer}:{one.line} imports {one.target}, which is downstream.")
    return wrong


def relations_that_look_downstream(models: Iterator[Any] | list[Any]) -> list[str]:
    """Relations between apps that point downstream, or that give the other app a name of ours.

    models: model classes. Relations to the kernel may be named; it belongs to everyone.
    """
    order = ("kernel", *APPS)
    wrong = []
    for model in models:
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]:
            here, there = model._meta.app_label, related_app(field)
            if here not in order or there not in order or here == there:
                continue
            named = not (field.remote_field.related_name or "").endswith("+")
            if order.index(there) > order.index(here):
                wrong.append(f"{model.__name__}.{field.name} points downstream, to {there}.")
            elif named and there != "kernel":
                wrong.append(f'{model.__name__}.{field.name} needs related_name="+".')
    return wrong


def related_app(field: Any) -> str | None:
    """The app that a relation points to."""
    model = field.related_model if field.is_relation else None
    return model._meta.app_label if model is not None and not isinstance(model, str) else None


def methods_that_reach_django(tree: Tree) -> list[str]:
    """Modules of methods/ and recipes/ that import Django, or anything of ours that does."""
    wrong = []
    for module in tree.paths:
        pure = module.split(".")[1:2] in (["methods"], ["recipes"])
        for one in tree.reached(module, False) if pure else ():
            if one.target.split(".")[0] in DJANGO:
                wrong.append(f"{module} reaches {one.target} in {one.importer}:{one.line}.")
    return sorted(wrong)


def pages_that_reach_arithmetic(tree: Tree) -> list[str]:
    """Web modules that load a numeric library, and pages that would on a request."""
    wrong = []
    for module in tree.paths:
        parts = module.split(".")[1:]
        found = set(tree.reached(module, True)) if set(parts) & set(WEB_PARTS) else set()
        if set(parts) & set(PAGE_PARTS):
            for one in tree.imports[module]:
                inner = tree.module_of(one.target)
                found |= {one, *(tree.reached(inner, True) if inner else ())}
        for one in found:
            if one.target.split(".")[0] in NUMERIC:
                wrong.append(f"{module} reaches {one.target} in {one.importer}:{one.line}.")
    return sorted(wrong)


def domain_words_in_the_kernel(tree: Tree) -> list[str]:
    """Words of the domain anywhere in the kernel's source: names, strings, comments."""
    wrong = []
    for module, path in tree.paths.items():
        if not within(module, KERNEL):
            continue
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            words = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", line)}
            spoken = {word for word in words if {word, word.removesuffix("s")} & DOMAIN_WORDS}
            wrong += [f"{module}:{number} says {word}." for word in sorted(spoken)]
    return wrong


def addresses(texts: Mapping[str, str]) -> list[str]:
    """Registry hosts and one machine's paths; what is under a data folder is others' words."""
    wrong = []
    for name, text in texts.items():
        if "/data/" in name:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            for found in (REGISTRIES.search(line), MACHINE_PATHS.search(line)):
                if found:
                    wrong.append(f"{name}:{number} names {found.group()}.")
    return wrong


def files_too_long(texts: Mapping[str, str]) -> list[str]:
    """Source files of more than 400 lines, migrations and data apart."""
    kinds = (".py", ".html", ".css", ".js")
    return [
        f"{name} has {text.count(chr(10))} lines."
        for name, text in texts.items()
        if name.endswith(kinds) and "/migrations/" not in name and "/data/" not in name
        if text.count("\n") > LONGEST_FILE
    ]


def top_level_faults(names: set[str]) -> list[str]:
    """What is missing at the top of the repository, and what does not belong there."""
    always = {"manage.py", "pyproject.toml", "README.md", *APPS, "tests", "deploy"}
    beside = {"Makefile", "constraints.txt", "LICENSE", "docs"}
    stray = {name for name in names - always - beside if not name.startswith(".")}
    return [f"{name} is missing." for name in sorted(always - names)] + [
        f"{name} does not belong at the top level." for name in sorted(stray)
    ]
