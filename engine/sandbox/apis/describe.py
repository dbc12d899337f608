"""Prints one API of the installed Cloud SDK as JSON: its methods with their paths and fields, and its messages.

Usage: describe.py SDK_ROOT API VERSION, run by the SDK's own Python. The version is that of the request's path; where the
SDK has no client of that version, its default one is described, and `version` says which.
"""

import importlib
import json
import os
import re
import sys
from urllib.parse import urlsplit

sdk, api, wanted = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3]
sys.path[:0] = [os.path.join(sdk, "lib"), os.path.join(sdk, "lib", "third_party")]

from apitools.base.protorpclite import message_types  # noqa: E402
from apitools.base.protorpclite import messages as protorpc  # noqa: E402
from apitools.base.py import encoding, extra_types  # noqa: E402
from googlecloudsdk.generated_clients.apis import apis_map  # noqa: E402

PLAIN = {
    protorpc.StringField: "string",
    protorpc.BooleanField: "bool",
    protorpc.BytesField: "bytes",
    protorpc.FloatField: "number",
    message_types.DateTimeField: "string",
}
MARKS = {"Output only.": "output", "[Output Only]": "output", "Required.": "required", "Immutable.": "immutable"}

types, marks, defaults = {}, {}, {}


def json_name(message, field):
    return encoding.GetCustomJsonFieldMapping(message, python_name=field.name) or field.name


def enum_values(enum):
    names = sorted(enum.names(), key=lambda name: enum.lookup_by_name(name).number)
    return [encoding.GetCustomJsonEnumMapping(enum, python_name=name) or name for name in names]


def kind(field):
    """A field's type in one word; a message is written once, under its name."""
    if isinstance(field, protorpc.EnumField):
        return "enum:" + ",".join(enum_values(field.type))
    if isinstance(field, protorpc.IntegerField):
        return "int32" if field.variant in (protorpc.Variant.INT32, protorpc.Variant.UINT32) else "int64"
    if type(field) is protorpc.MessageField:
        message = field.type
        if message.__module__ == extra_types.__name__:
            return "any"
        only = list(message.all_fields())
        if len(only) == 1 and only[0].name == "additionalProperties":
            value = only[0].type.field_by_name("value")
            return "{}" + ("[]" if value.repeated else "") + kind(value)
        return note(message)
    return PLAIN.get(type(field), "any")


def marks_of(message):
    """What the documentation says of a message's fields: which the service sets, which a request must have."""
    found = {}
    text = re.split(r"^ *Fields:\n", message.__doc__ or "", maxsplit=1, flags=re.M)
    for name, said in re.findall(r"^    (\w+): (.*(?:\n      .*)*)", text[1] if len(text) > 1 else "", flags=re.M):
        said = " ".join(said.split())
        for mark, word in MARKS.items():
            if mark in said[:200]:
                found.setdefault(word, []).append(name)
    return found


def note(message):
    name = message.__qualname__
    if name not in types:
        types[name] = {}
        names = {}
        for field in sorted(message.all_fields(), key=lambda each: each.name):
            names[field.name] = json_name(message, field)
            types[name][names[field.name]] = ("[]" if field.repeated else "") + kind(field)
        given = {names[each.name]: each.default for each in message.all_fields() if isinstance(each.default, (str, bool, int))}
        if given:
            defaults[name] = given
        found = {word: [names[each] for each in fields if each in names] for word, fields in marks_of(message).items()}
        if found:
            marks[name] = found
    return name


def client_of(version):
    module, name = apis_map.MAP[api][version].apitools.client_full_classpath.rsplit(".", 1)
    return getattr(importlib.import_module(module), name)


def configs_of(client):
    for service in vars(client).values():
        for function in vars(service).values() if isinstance(service, type) else ():
            if hasattr(function, "method_config"):
                yield function.method_config()


def described(config, messages, base):
    request = getattr(messages, config.request_type_name)
    query = [request.field_by_name(name) for name in config.query_params]
    method = {
        "id": config.method_id,
        "verb": config.http_method,
        "fullNames": bool(config.flat_path),
        "path": base + (config.flat_path or config.relative_path),
        "pathFields": [json_name(request, request.field_by_name(name)) for name in config.path_params],
        "query": {json_name(request, each): ("[]" if each.repeated else "") + kind(each) for each in query},
        "response": note(getattr(messages, config.response_type_name)),
    }
    if config.request_field == "<request>":
        body = note(request)
    elif config.request_field:
        field = request.field_by_name(config.request_field)
        body = note(field.type)
        if not field.name.endswith("Request"):
            method["bodyField"] = field.name
    else:
        body = None
    if body:
        method["body"] = body
    return method


def main():
    versions = apis_map.MAP.get(api)
    if versions is None:
        print(json.dumps({"api": api, "unknown": True}))
        return
    default = next((name for name, each in versions.items() if each.default_version), sorted(versions)[0])
    version = wanted if wanted in versions and versions[wanted].apitools else default
    client = client_of(version)
    base = urlsplit(client.BASE_URL).path
    methods = [described(config, client.MESSAGES_MODULE, base) for config in configs_of(client)]
    print(json.dumps({"api": api, "version": version, "versions": sorted(versions), "methods": methods, "types": types, "marks": marks, "defaults": defaults}))


main()
