/** A valid runbook with every kind of step, the base for the mistakes of the corpus. */
export const RUNBOOK = `apiVersion: breakglass/v1
kind: Runbook
metadata:
  name: posture
  title: Posture of the web services
  description: A public service answers 404.
  risk: high
types:
  names: { type: array, items: { type: string } }
inputs:
  services:
    $ref: "#/types/names"
    title: Services
    default: \${{ env.services.filter(s, s.posture == 'public').map(s, s.name) }}
  attempts: { type: integer, minimum: 1, default: 3 }
  workflowRun: { type: string, pattern: "^[0-9]*$", default: "" }
steps:
  - id: ingress
    title: Make \${{ service }} public
    forEach:
      service: \${{ inputs.services }}
    subject: \${{ service }}
    when: \${{ env.region != '' }}
    timeout: 90s
    observe:
      gcloud: [run, services, describe, "\${{ service }}", --region, "\${{ env.region }}"]
      select:
        ingress: \${{ result.metadata.?annotations[?'run.googleapis.com/ingress'].orValue('all') }}
        invokerCheck: \${{ result.metadata.?annotations[?'run.googleapis.com/invoker-iam-disabled'].orValue('false') != 'true' }}
    expect: { ingress: all, invokerCheck: false }
    apply:
      gcloud: [run, services, update, "\${{ service }}", --region, "\${{ env.region }}", --ingress=all, --no-invoker-iam-check]
    undo:
      gcloud:
        - run
        - services
        - update
        - \${{ service }}
        - --region
        - \${{ env.region }}
        - --ingress=\${{ before.ingress }}
        - { flag: --invoker-iam-check, on: "\${{ before.invokerCheck }}" }
    settle: { reads: 2, every: 2s, within: 1m }
    retry: { attempts: 3, every: 5s }
    record: Opened \${{ changed }} of \${{ env.name }}.
  - id: iap-off
    title: Remove the login page from \${{ service.name }}
    forEach:
      service: \${{ env.services.filter(s, has(s.iap) && !s.iap) }}
    observe:
      gcloud:
        service: [run, services, describe, "\${{ service.name }}", --region, "\${{ env.region }}"]
        policy: [run, services, get-iam-policy, "\${{ service.name }}", --region, "\${{ env.region }}"]
      select:
        iap: \${{ result.service.metadata.?annotations[?'run.googleapis.com/iap-enabled'].orValue('false') == 'true' }}
        members: \${{ result.policy.?bindings.orValue([]).size() }}
    expect: { iap: false }
    apply:
      gcloud: [beta, run, services, update, "\${{ service.name }}", --region, "\${{ env.region }}", --no-iap]
    undo:
      gcloud: [beta, run, services, update, "\${{ service.name }}", --region, "\${{ env.region }}", { flag: --iap, on: "\${{ before.iap }}" }]
  - id: role
    title: Grant \${{ role }} to \${{ identity.name }}
    forEach:
      identity: \${{ env.identities }}
      role: \${{ identity.roles }}
    observe:
      gcloud: [projects, get-iam-policy, "\${{ env.project }}"]
      select:
        granted: \${{ result.?bindings.orValue([]).exists(b, b.role == role && identity.name in b.members) }}
    expect: { granted: true }
    apply:
      gcloud: [projects, add-iam-policy-binding, "\${{ env.project }}", "--member=serviceAccount:\${{ identity.name }}", "--role=\${{ role }}", --condition=None]
    undo:
      gcloud: [projects, remove-iam-policy-binding, "\${{ env.project }}", "--member=serviceAccount:\${{ identity.name }}", "--role=\${{ role }}", --condition=None]
  - id: account
    title: Create the account
    observe:
      gcloud: [iam, service-accounts, describe, "cr-web@\${{ env.project }}.iam.gserviceaccount.com"]
      select: { email: "\${{ result.email }}" }
    expect: { email: "cr-web@\${{ env.project }}.iam.gserviceaccount.com" }
    apply:
      gcloud: [iam, service-accounts, create, cr-web, --display-name=Website]
    undo: { cannotBeUndone: An account that was deleted by mistake comes back as another one. }
  - id: secret-parity
    title: Make \${{ secret.name }} equal its references
    forEach: { secret: "\${{ env.secrets }}" }
    secret: { name: "\${{ secret.name }}", references: "\${{ secret.references }}", trust: stage }
verify:
  - id: root
    title: Check that \${{ service }} answers 200
    forEach: { service: "\${{ inputs.services }}" }
    http:
      from: [run, services, describe, "\${{ service }}", --region, "\${{ env.region }}"]
      url: \${{ result.status.url }}/
      status: 200
  - id: deploy
    title: Check that the deploy succeeded
    when: \${{ inputs.workflowRun != '' }}
    group: Workflow run
    workflowRun: { repository: "\${{ repository.name }}", run: "\${{ inputs.workflowRun }}" }
  - id: parity
    title: Check that parity holds
    gate: { runbook: run-parity, inputs: { environments: [prod] } }
backfill:
  - file: \${{ repository.files.deployWorkflow }}
    when: \${{ 'deployWorkflow' in repository.files }}
    points:
      - says: Deploys pin the ingress.
        text: --ingress=all
      - says: The region is named.
        yaml: [env, REGION]
        value: \${{ env.region }}
`

/** A valid inventory. */
export const INVENTORY = `apiVersion: breakglass/v1
kind: Inventory
metadata:
  name: acme
repository:
  name: acme/shop
  files:
    deployWorkflow: .github/workflows/deploy.yml
environments:
  stage:
    project: acme-stage
    region: us-central1
    services:
      - { name: web, posture: public, iap: false }
    secrets:
      - { name: API_KEY }
    apis: [run.googleapis.com]
  prod:
    project: acme-prod
    region: us-central1
    protected: true
    promotesFrom: stage
    services:
      - { name: web, posture: public, iap: false }
      - name: api
        posture: internal
        identity: cr-web
        health: /healthz
        environmentKeys: { required: [AUTH_URL], deprecated: [OLD_KEY] }
    identities:
      - name: cr-web
        displayName: Website
        roles: [roles/datastore.user, roles/cloudsql.client]
    secrets:
      - { name: API_KEY, references: [stage] }
    apis:
      - run.googleapis.com
      - secretmanager.googleapis.com
`

/** A valid scenario for the shipped inventory and runbooks. */
export const SCENARIO = `apiVersion: breakglass/v1
kind: Scenario
metadata:
  name: closed
  title: The website is closed
inventory: ../inventory.yaml
rehearsal:
  runbooks: [access-posture, secret-parity]
  environment: prod
  reason: Rehearsal of a closed website.
  inputs: { services: [frontend-app] }
github:
  jualuma/jualuma:
    workflowRuns:
      '22471945914': { name: Deploy, status: completed, conclusion: success, attempt: 2 }
projects:
  jualuma-stage:
    number: '702941563818'
    secrets:
      PLAID_SECRET: { versions: [{ text: fake-one }] }
  jualuma-dev:
    number: '614820973355'
    secrets:
      PLAID_SECRET: { versions: [{ text: fake-one }] }
  jualuma-prod:
    number: '493827156012'
    services:
      frontend-app:
        region: us-central1
        ingress: internal
        invokerCheck: true
        serviceAccount: cr-backend@jualuma-prod.iam.gserviceaccount.com
        image: us-central1-docker.pkg.dev/jualuma-prod/web/web:1
        env: { APP_ENV: prod }
        secretEnv:
          PLAID_SECRET: { secret: PLAID_SECRET, version: latest }
        responds: { /api/health: 200 }
        readyAfter: 2s
    secrets:
      PLAID_SECRET:
        versions:
          - { text: fake-old, state: disabled }
          - { text: fake-two }
    iamBindings:
      - role: roles/secretmanager.secretAccessor
        members: ['serviceAccount:cr-backend@jualuma-prod.iam.gserviceaccount.com']
    serviceAccounts:
      cr-backend: { displayName: Backend }
faults:
  - on: { service: run, method: services.replace, project: jualuma-prod, calls: [1] }
    answer: { status: 503 }
`
