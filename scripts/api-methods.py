"""Writes engine/sandbox/api-methods.json: the methods of the APIs that gcloud is pointed at the sandbox for.

Run it where gcloud is installed, with the SDK's own Python:
`"$(gcloud info --format='value(basic.python_location)')" -S scripts/api-methods.py "$(gcloud info --format='value(installation.sdk_root)')" > engine/sandbox/api-methods.json`. Every method has its verb, path and id; those below, which the
sandbox simulates, have the fields of their query and body too, as the SDK's own clients define them.
"""

import importlib
import json
import os
import sys

sdk = os.path.abspath(sys.argv[1])
sys.path[:0] = [os.path.join(sdk, "lib"), os.path.join(sdk, "lib", "third_party")]

from apitools.base.protorpclite import messages as protorpc  # noqa: E402
from apitools.base.py import encoding, extra_types  # noqa: E402
from googlecloudsdk.generated_clients.apis import apis_map  # noqa: E402

# What the sandbox's environment redirects; the methods that it simulates are of the version after the API's name, or of their own.
APIS = {
    "run": (
        "v1",
        [
            *(f"namespaces.services.{verb}" for verb in ("list", "create", "get", "replaceService", "delete")),
            *(f"projects.locations.services.{verb}" for verb in ("list", "getIamPolicy", "setIamPolicy", "testIamPermissions")),
            *(f"namespaces.revisions.{verb}" for verb in ("list", "get")),
            "projects.locations.list",
        ],
    ),
    "secretmanager": (
        "v1",
        [
            *(f"projects.secrets.{verb}" for verb in ("list", "create", "get", "patch", "delete", "addVersion")),
            *(f"projects.secrets.versions.{verb}" for verb in ("list", "get", "access", "enable", "disable", "destroy")),
        ],
    ),
    "iam": (
        "v1",
        [
            *(f"projects.serviceAccounts.{verb}" for verb in ("list", "create", "get", "patch", "delete", "disable", "enable")),
            *(f"projects.serviceAccounts.keys.{verb}" for verb in ("list", "get", "create", "delete", "disable", "enable")),
        ],
    ),
    "cloudresourcemanager": (
        "v1",
        [
            *(f"projects.{verb}" for verb in ("list", "get", "create", "update", "delete", "undelete")),
            *(f"projects.{verb}" for verb in ("getIamPolicy", "setIamPolicy", "testIamPermissions")),
        ],
    ),
    "serviceusage": ("v1", [f"services.{verb}" for verb in ("list", "get", "enable", "batchEnable", "disable")] + ["v1beta1:services.generateServiceIdentity"]),
    "logging": ("v2", ["entries.list"]),
    "iap": (None, []),
    "privilegedaccessmanager": (None, []),
    "orgpolicy": (None, []),
}

PLAIN = {
    protorpc.StringField: "string",
    protorpc.BooleanField: "bool",
    protorpc.BytesField: "bytes",
    protorpc.FloatField: "number",
}


def json_name(message, field):
    return encoding.GetCustomJsonFieldMapping(message, python_name=field.name) or field.name


def enum_values(enum):
    names = sorted(enum.names(), key=lambda name: enum.lookup_by_name(name).number)
    return [encoding.GetCustomJsonEnumMapping(enum, python_name=name) or name for name in names]


def kind(field, types, prefix):
    """A field's type in one word; a message is written once, under its name."""
    if isinstance(field, protorpc.EnumField):
        return "enum:" + ",".join(enum_values(field.type))
    if isinstance(field, protorpc.IntegerField):
        return "int32" if field.variant in (protorpc.Variant.INT32, protorpc.Variant.UINT32) else "int64"
    if isinstance(field, protorpc.MessageField):
        message = field.type
        if message.__module__ == extra_types.__name__:
            return "any"
        only = list(message.all_fields())
        if len(only) == 1 and only[0].name == "additionalProperties":
            value = only[0].type.field_by_name("value")
            return "{}" + ("[]" if value.repeated else "") + kind(value, types, prefix)
        return note(message, types, prefix)
    return PLAIN[type(field)]


def note(message, types, prefix):
    name = f"{prefix}.{message.definition_name().split('.')[-1]}"
    if name not in types:
        types[name] = {}
        for field in sorted(message.all_fields(), key=lambda each: each.name):
            types[name][json_name(message, field)] = ("[]" if field.repeated else "") + kind(field, types, prefix)
    return name


def client_of(api, version):
    module, name = apis_map.MAP[api][version].apitools.client_full_classpath.rsplit(".", 1)
    return getattr(importlib.import_module(module), name)


def configs_of(client):
    for service in vars(client).values():
        for function in vars(service).values() if isinstance(service, type) else ():
            if hasattr(function, "method_config"):
                yield function.method_config()


def fields_of(config, messages, api, types):
    """What a request may say: the fields of its query, and the type of its body with the name that errors give it."""
    request = getattr(messages, config.request_type_name)
    fields = [request.field_by_name(name) for name in sorted(config.query_params)]
    query = {json_name(request, each): ("[]" if each.repeated else "") + kind(each, types, api) for each in fields}
    # A body may have the fields that the path gives, too.
    in_path = {"pathFields": [json_name(request, request.field_by_name(name)) for name in config.path_params]}
    if config.request_field == "<request>":
        return {"query": query, "body": note(request, types, api), **in_path}
    if config.request_field:
        field = request.field_by_name(config.request_field)
        # Errors begin with the name of a resource, and not with that of a whole request.
        named = {} if field.name.endswith("Request") else {"bodyField": field.name}
        return {"query": query, "body": note(field.type, types, api), **named, **in_path}
    return {"query": query}


def main():
    ids, requests, types = {}, {}, {}
    for api, (simulated, names) in APIS.items():
        ids[api] = {}
        for version in sorted(apis_map.MAP[api]):
            client = client_of(api, version)
            for config in configs_of(client):
                asked = f"{config.http_method} /{config.flat_path or config.relative_path}"
                ids[api][asked] = config.method_id
                name = config.method_id.removeprefix(f"{api}.")
                if f"{version}:{name}" in names or (version == simulated and name in names):
                    fields = fields_of(config, client.MESSAGES_MODULE, api, types)
                    requests.setdefault(config.method_id, fields)
    with open(os.path.join(sdk, "VERSION"), encoding="utf-8") as file:
        version = file.read().strip()
    line = lambda value: json.dumps(value, ensure_ascii=False)
    rows = lambda table, indent: ",\n".join(f"{indent}{line(name)}: {line(table[name])}" for name in sorted(table))
    listed = ",\n".join(f"    {line(api)}: {{\n{rows(table, '      ')}\n    }}" for api, table in ids.items())
    print(f'{{\n  "sdk": {line(version)},\n  "methods": {{\n{listed}\n  }},')
    print(f'  "requests": {{\n{rows(requests, "    ")}\n  }},\n  "types": {{\n{rows(types, "    ")}\n  }}\n}}')


main()
