#!/usr/bin/env bash
# What action.yml runs: checks as its inputs say, told as GitHub's annotations. Exits as `breakglass check` does.
set -euo pipefail

# Over all lines: `runbooks: |` has one on each.
read -d '' -ra runbooks <<<"$RUNBOOKS" || true
arguments=(--workspace "$WORKSPACE" --env "$ENVIRONMENTS")
while IFS= read -r line; do
  if [[ -n "$line" ]]; then arguments+=(--input "$line"); fi
done <<<"$INPUTS"
if [[ -n "$SANDBOX" ]]; then arguments+=(--sandbox "$SANDBOX"); fi
if [[ "${SCRIPTS:-true}" != true ]]; then arguments+=(--no-scripts); fi

breakglass() { node "$GITHUB_ACTION_PATH/engine/breakglass.js" "$@"; }

# The report first: whether it could be written or not, the check itself decides.
if [[ -n "$REPORT" ]]; then
  breakglass check "${arguments[@]}" --format "$REPORT" "${runbooks[@]}" >"$REPORT_FILE" || true
fi
breakglass check "${arguments[@]}" --format github "${runbooks[@]}"
