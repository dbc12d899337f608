import { expect, test } from 'vitest'
import { askParser } from '../../engine/gcloud/ask-parser.ts'
import { gcloudKnowledge } from '../../engine/gcloud/command-tree.ts'
import { findGcloud } from '../../engine/gcloud/find.ts'
import { lintCommandLine } from '../../engine/runbook/lint/gcloud-usage.ts'

/** Commands such as runbooks contain. */
const TAKEN = `
sql instances patch db --activation-policy=ALWAYS
sql instances patch db --activation-policy=always --availability-type=REGIONAL
sql instances describe db
compute instances start vm --zone=us-central1-a
compute firewall-rules update fw --no-disabled
compute backend-services update b --global --timeout=30
compute backend-services describe b --global
compute url-maps describe m
compute forwarding-rules describe f --global
container clusters update c --region=r --enable-autoscaling --min-nodes=1
container clusters update c --zone=z --no-enable-master-authorized-networks
pubsub subscriptions update s --ack-deadline=30
pubsub subscriptions modify-push-config s --push-endpoint=https://x
run services update-traffic s --region=r --to-latest
run services update-traffic s --region=r --to-revisions=a=100
run deploy s --image=i --region=r --no-allow-unauthenticated
run jobs execute j --region=r --wait
functions describe f
functions deploy f --gen2 --region=r --runtime=nodejs20 --trigger-http
scheduler jobs pause j --location=l
scheduler jobs resume j
storage buckets update gs://b --no-public-access-prevention
storage buckets update gs://b --uniform-bucket-level-access
dns record-sets update a.b. --zone=z --type=A --rrdatas=1.2.3.4 --ttl=60
logging sinks update s --log-filter=x
kms keys describe k --keyring=r --location=l
iam roles describe r
iam service-accounts keys disable k --iam-account=a@b
iam workload-identity-pools providers update-oidc p --workload-identity-pool=w --location=global --attribute-condition=x
app services set-traffic default --splits=v1=1
artifacts repositories describe r --location=l
beta iap web get-iam-policy --resource-type=cloud-run --service=s --region=r
iap web enable --resource-type=app-engine
org-policies describe run.allowedIngress
resource-manager org-policies describe x
pam grants create --entitlement=e --requested-duration=3600s --location=global
compute instance-groups managed resize m --size=3 --zone=z
compute instances add-tags vm --tags=a,b --zone=z
compute security-policies rules update 1000 --security-policy=p --action=deny-403
redis instances describe r --region=x
builds triggers run t --branch=main
workflows execute w
auth list --filter-account=x
projects describe p
asset search-all-resources --scope=projects/p
services enable a.googleapis.com b.googleapis.com
secrets versions disable 3 --secret=s
secrets create s --replication-policy=automatic
config list core/project
`

/** Commands with one mistake each. */
const REFUSED = `
run services update web --region=r --ingress=ALL
run services update web --region=r --ingres=all
run services update web --region=r --no-iap
run services update web --region=r --service-account
run services update web --region=r --no-invoker-iam-check=true
run services describe web api --region=r
projects add-iam-policy-binding p --member=user:a@b.c
monitoring policies update p
secrets versions add s
iam service-accounts keys list
container clusters updat c --zone=z
sql instances patch db --activation-policy=sometimes
`

const argvs = (lines: string) =>
  lines
    .trim()
    .split('\n')
    .map((line) => line.split(' '))

test("the linter rejects the commands that gcloud's parser rejects", async () => {
  const installed = findGcloud(process.env.PATH)
  if (!installed) throw new Error('There is no gcloud on the PATH, whose parser this test asks.')
  const [accepted, refused] = [argvs(TAKEN), argvs(REFUSED)]
  const knowledge = gcloudKnowledge(installed)
  const isRefused = (argv: string[]) => lintCommandLine(['c'], argv, knowledge).length > 0
  const asked = await askParser(
    [...accepted, ...refused].map((argv) => [...argv, '--project=p']),
    installed,
    process.env,
  )
  const theirs = [...accepted, ...refused].map((argv, index) => [argv.join(' '), asked[index] !== undefined])
  expect([...accepted, ...refused].map((argv) => [argv.join(' '), isRefused(argv)])).toEqual(theirs)
  expect(theirs.map(([, each]) => each)).toEqual([...accepted.map(() => false), ...refused.map(() => true)])
}, 240_000)
