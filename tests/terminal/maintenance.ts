/** A runbook of steps that a person does, approves or waits for, around one change of a service. */
export const maintenance = `apiVersion: breakglass/v1
kind: Runbook
metadata:
  name: maintenance
  title: Maintenance by hand
  description: The front end is closed, and what opens it is partly done by hand.
  risk: medium
steps:
  - id: told
    title: support knows
    approve: { question: "Has support been told about \${{ env.name }}?" }
  - id: open
    title: frontend-app takes public traffic
    observe:
      gcloud: [run, services, describe, frontend-app, --region, "\${{ env.region }}"]
      select: { ingress: "\${{ result.metadata.annotations['run.googleapis.com/ingress'] }}" }
    expect: { ingress: all }
    apply: { gcloud: [run, services, update, frontend-app, --region, "\${{ env.region }}", --ingress=all] }
    undo: { gcloud: [run, services, update, frontend-app, --region, "\${{ env.region }}", "--ingress=\${{ before.ingress }}"] }
  - id: caches
    title: the caches have run out
    wait: { for: 20m }
  - id: served
    title: frontend-app serves it
    wait: { every: 5s, within: 2m }
    observe:
      gcloud: [run, services, describe, frontend-app, --region, "\${{ env.region }}"]
      select: { ingress: "\${{ result.metadata.annotations['run.googleapis.com/ingress-status'] }}" }
    expect: { ingress: all }
  - id: account
    title: the night watch has its account
    manual:
      instructions: Create the account night-watch in \${{ env.project }}.
      evidence: The number of the ticket
    observe:
      gcloud: [iam, service-accounts, describe, "night-watch@\${{ env.project }}.iam.gserviceaccount.com"]
      select: { email: "\${{ result.email }}" }
    expect: { email: "night-watch@\${{ env.project }}.iam.gserviceaccount.com" }
    settle: { every: 1s, within: 30s }
  - id: lever
    title: the lever in the basement is up
    subject: lever
    manual: { instructions: Pull the lever up., evidence: Who saw it }
    record: Pulled \${{ changed }} up.
`
