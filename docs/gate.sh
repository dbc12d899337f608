#!/usr/bin/env bash
# Runs the checks that action.yml asks for and prints GitHub annotations. Exits as `breakglass check` does.
set -euo pipefail

# Read all lines: `runbooks: |` can have one runbook on each.
read -d '' -ra runbooks <<<"$RUNBOOKS" || true
arguments=(--workspace "$WORKSPACE" --env "$ENVIRONMENTS")
while IFS= read -r line; do
  if [[ -n "$line" ]]; then arguments+=(--input "$line"); fi
done <<<"$INPUTS"
if [[ -n "$SANDBOX" ]]; then arguments+=(--sandbox "$SANDBOX"); fi
if [[ "${SCRIPTS:-true}" != true ]]; then arguments+=(--no-scripts); fi

breakglass() { node "$GITHUB_ACTION_PATH/engine/breakglass.js" "$@"; }

# Write the report first; the check below decides the exit code, whether or not the report was written.
if [[ -n "$REPORT" ]]; then
  breakglass check "${arguments[@]}" --format "$REPORT" "${runbooks[@]}" >"$REPORT_FILE" || true
fi
breakglass check "${arguments[@]}" --format github "${runbooks[@]}"
