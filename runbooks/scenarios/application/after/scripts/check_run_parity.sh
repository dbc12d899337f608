#!/usr/bin/env bash
# Compares the Cloud Run runtime of prod with stage. Exits 0 on parity, 1 on drift, 2 when it could not tell.
set -euo pipefail

usage() {
  echo "usage: $0 --prod-project ID --stage-project ID --region REGION" >&2
  exit 2
}

PROD_PROJECT="" STAGE_PROJECT="" REGION=""
while (($# > 0)); do
  (($# > 1)) || usage
  case "$1" in
    --prod-project) PROD_PROJECT="$2" ;;
    --stage-project) STAGE_PROJECT="$2" ;;
    --region) REGION="$2" ;;
    *) usage ;;
  esac
  shift 2
done
[[ -n "$PROD_PROJECT" && -n "$STAGE_PROJECT" && -n "$REGION" ]] || usage

SERVICES=(frontend-app support-portal marketing-site jualuma-backend)
DRIFT=0

describe() { # PROJECT SERVICE
  gcloud run services describe "$2" --project="$1" --region="$REGION" --format=json || {
    echo "ERROR: $2 in $1 could not be read" >&2
    exit 2
  }
}

# What stage and prod must have in common: who may call the service, and its configuration's keys.
runtime() {
  jq -r '
    .metadata.annotations as $on | .spec.template.spec.containers[0].env // [] | map(.name) | sort | join(",") |
    "ingress=\($on["run.googleapis.com/ingress"] // "all")",
    "invoker-iam-disabled=\($on["run.googleapis.com/invoker-iam-disabled"] // "false" | ascii_downcase)",
    "iap-enabled=\($on["run.googleapis.com/iap-enabled"] // "false" | ascii_downcase)",
    "env-keys=\(.)"'
}

for service in "${SERVICES[@]}"; do
  stage="$(describe "$STAGE_PROJECT" "$service" | runtime)"
  prod="$(describe "$PROD_PROJECT" "$service" | runtime)"
  if [[ "$stage" == "$prod" ]]; then
    echo "ok: $service"
  else
    echo "DRIFT: $service (< stage, > prod)"
    { diff <(echo "$stage") <(echo "$prod") || true; } | grep '^[<>]'
    DRIFT=1
  fi
done

# Backend runtime identity parity gate: a dedicated account in each project, never the Compute Engine default.
REQUIRED_STAGE_BACKEND_SA="cr-backend@jualuma-stage.iam.gserviceaccount.com"
REQUIRED_PROD_BACKEND_SA="cr-backend@jualuma-prod.iam.gserviceaccount.com"

check_backend_identity() { # PROJECT REQUIRED
  local actual
  actual="$(describe "$1" jualuma-backend | jq -r '.spec.template.spec.serviceAccountName // "the default account"')"
  if [[ "$actual" == "$2" ]]; then
    echo "ok: jualuma-backend in $1 runs as $2"
  else
    echo "DRIFT: jualuma-backend in $1 runs as $actual, required: $2"
    DRIFT=1
  fi
}

check_backend_identity "$STAGE_PROJECT" "$REQUIRED_STAGE_BACKEND_SA"
check_backend_identity "$PROD_PROJECT" "$REQUIRED_PROD_BACKEND_SA"

if ((DRIFT)); then
  echo "check_run_parity: FAIL"
  exit 1
fi
echo "check_run_parity: PASS"
