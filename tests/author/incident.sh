#!/usr/bin/env bash
# What was done by hand on 2026-02-27.
set -euo pipefail
PROJECT=jualuma-prod
REGION="us-central1"
BACKEND_SA="cr-backend@${PROJECT}.iam.gserviceaccount.com"
SHELLS=(frontend-app support-portal marketing-site)

# 1. Secret parity
gcloud secrets versions access latest --secret=PLAID_SECRET --project=jualuma-stage |
  gcloud secrets versions add PLAID_SECRET --project="$PROJECT" --data-file=-

# 2. Access posture
for service in frontend-app support-portal marketing-site jualuma-backend; do
  gcloud run services update "$service" \
    --project="$PROJECT" --region="$REGION" \
    --ingress=all --no-invoker-iam-check --quiet
done
for SHELL_APP in "${SHELLS[@]}"; do
  gcloud beta run services update "${SHELL_APP}" --project "$PROJECT" --region "$REGION" --no-iap
done

# 3. Runtime identity
if ! gcloud iam service-accounts describe "$BACKEND_SA" --project "$PROJECT" >/dev/null 2>&1; then
  gcloud iam service-accounts create cr-backend --display-name='Cloud Run backend' --project "$PROJECT"
fi
for role in roles/aiplatform.user roles/cloudsql.client roles/cloudsql.instanceUser roles/datastore.user roles/secretmanager.secretAccessor; do
  gcloud projects add-iam-policy-binding "$PROJECT" --member="serviceAccount:$BACKEND_SA" --role="$role" --condition=None
done
gcloud run services update jualuma-backend --project=jualuma-prod --region=us-central1 --service-account="$BACKEND_SA"
curl -fsS https://example.test/
