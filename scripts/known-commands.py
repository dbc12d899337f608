"""Writes engine/gcloud/known-commands.json: the grammar of the commands below, for machines without an SDK.

Run it where gcloud is installed: `npm run known-commands`. Groups and flags come from the SDK's static completion tree;
the number of positional arguments and the required and hidden flags come from gcloud's own parser.
"""

import json
import os
import sys

sdk = os.path.abspath(sys.argv[1])
sys.path[:0] = [os.path.join(sdk, "lib"), os.path.join(sdk, "lib", "third_party")]

from googlecloudsdk import gcloud_main  # noqa: E402
from googlecloudsdk.command_lib.meta import generate_argument_spec  # noqa: E402

# Whole groups, so that a mistyped command is recognized. They cover the shipped runbooks, the starter's and those of `new`.
GROUPS = [
    "run deploy",
    "run services",
    "run jobs",
    "run revisions",
    "beta run services",
    "secrets",
    "iam service-accounts",
    "projects",
    "services",
    "auth list",
    "config list",
]


def completions():
    with open(os.path.join(sdk, "data", "cli", "gcloud_completions.py"), encoding="utf-8") as file:
        text = file.read()
    return json.loads(text[text.index("{", text.index("=")) :])


def required(arguments):
    """The names of the flags that nothing can stand in for: required, in groups that are all required and no choice."""
    for argument in arguments:
        group = argument.get("group")
        if group is not None:
            if group.get("required") and not group.get("mutex"):
                yield from required(group["arguments"])
        elif argument.get("required") and not argument.get("positional"):
            yield "--" + argument["name"]


def positionals(element):
    least, most = 0, 0
    for argument in element.ai.positional_args:
        asks = "interactive prompt" in (argument.help or "")
        if argument.nargs is None or argument.nargs == "+" or (argument.nargs == "?" and asks):
            least += 1
        elif isinstance(argument.nargs, int):
            least += argument.nargs
        if most is not None:
            most = None if argument.nargs in ("+", "*", "...") else most + (argument.nargs if isinstance(argument.nargs, int) else 1)
    return {"least": least, **({} if most is None else {"most": most})}


def hidden(element):
    flags = {
        name: "bool" if flag.nargs == 0 else "value"
        for flag in element.ai.flag_args
        if flag.is_hidden
        for name in flag.option_strings
        if name.startswith("--") and not name.startswith("--no-") and name != "--document"
    }
    return dict(sorted(flags.items()))


def leaves(path, tree, element, flags):
    """Every command of a group: its completion flags, with those of its groups, and what only the parser knows."""
    flags = {**flags, **tree["flags"]}
    if tree["commands"]:
        for name in sorted(tree["commands"]):
            yield from leaves(f"{path} {name}", tree["commands"][name], element.LoadSubElement(name), flags)
        return
    details = {
        "positionals": positionals(element),
        "required": sorted(set(required(generate_argument_spec.GenerateArgumentSpecifications(element)["arguments"]))),
        "hidden": hidden(element),
    }
    yield path, {"flags": flags, **{key: value for key, value in details.items() if value}}


def main():
    complete = completions()
    cli = gcloud_main.CreateCLI([])
    commands, groups = {}, {}
    for path in GROUPS:
        tree, element, flags, words = complete, cli._TopElement(), {}, path.split()
        for depth, word in enumerate(words):
            # What else there is beside a known group: it is not known, but it is no mistake.
            groups[" ".join(words[:depth])] = sorted(tree["commands"])
            tree, element = tree["commands"][word], element.LoadSubElement(word)
            flags.update(tree["flags"])
        commands.update(leaves(path, tree, element, flags))
    with open(os.path.join(sdk, "VERSION"), encoding="utf-8") as file:
        version = file.read().strip()
    # A command a line, so that a newer SDK's differences can be read.
    line = lambda value: json.dumps(value, sort_keys=True)
    rows = lambda table: ",\n".join(f"    {line(path)}: {line(table[path])}" for path in sorted(table))
    print(f'{{\n  "sdk": {line(version)},\n  "flags": {line(complete["flags"])},\n  "groups": {{\n{rows(groups)}\n  }},')
    print(f'  "commands": {{\n{rows(commands)}\n  }}\n}}')


main()
