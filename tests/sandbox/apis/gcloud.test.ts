import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { childEnvironment } from '../../../engine/gcloud/environment.ts'
import { findGcloud } from '../../../engine/gcloud/find.ts'
import type { Warm } from '../../../engine/gcloud/warm/warm.ts'
import { describeFrom } from '../../../engine/sandbox/apis/sdk.ts'
import { sandboxEnvironment } from '../../../engine/sandbox/client/environment.ts'
import { type Sandbox, startSandbox } from '../../../engine/sandbox/server.ts'
import { startRealWarm } from '../../warm/real-warm.ts'
import { end } from '../../warm/toy-sdk.ts'
import { fixedRandom, scenarioWith } from '../proxy-client.ts'

// The real gcloud, over APIs that only the SDK describes and over those that the sandbox simulates itself: a line is a command
// that succeeds, `! command` one that fails, and `command => text` one whose output has the text. Within an API each line
// sees what those before it did.

const scratch = mkdtempSync(join(tmpdir(), 'any-gcloud-'))
const account = 'svc-acct@acme-prod.iam.gserviceaccount.com'
const transaction = `--zone=z --transaction-file=${join(scratch, 'transaction.yaml')}`
const vm = 'vm --zone=us-central1-a'
const key = '--keyring=r --location=us-central1'

const apis: Record<string, string> = {
  'Compute Engine: networks and firewall': `
    compute networks create n --subnet-mode=custom
    compute networks subnets create s --network=n --region=us-central1 --range=10.0.0.0/24
    compute networks subnets update s --region=us-central1 --enable-private-ip-google-access
    compute networks subnets describe s --region=us-central1 => "privateIpGoogleAccess": true
    compute networks subnets expand-ip-range s --region=us-central1 --prefix-length=20
    ! compute networks delete n
    compute firewall-rules create fw --network=n --allow=tcp:22 --source-ranges=10.0.0.0/8
    compute firewall-rules update fw --disabled
    compute firewall-rules describe fw => "disabled": true
    compute firewall-rules update fw --no-disabled
    compute firewall-rules describe fw => "disabled": false
    compute firewall-rules list => "name": "fw"
    compute firewall-rules delete fw
    ! compute firewall-rules describe fw`,
  'Compute Engine: instances and disks': `
    compute instances create ${vm}
    ! compute instances create ${vm}
    compute instances stop ${vm}
    compute instances describe ${vm} => "status": "TERMINATED"
    compute instances set-machine-type ${vm} --machine-type=e2-medium
    compute instances describe ${vm} => e2-medium
    compute instances start ${vm}
    compute instances add-tags ${vm} --tags=web
    compute instances describe ${vm} => "web"
    compute instances remove-tags ${vm} --tags=web
    compute instances add-labels ${vm} --labels=a=b
    compute instances add-metadata ${vm} --metadata=k=v
    compute instances describe ${vm} => "value": "v"
    compute disks create d --zone=us-central1-a --size=10
    compute disks resize d --zone=us-central1-a --size=20
    compute disks describe d --zone=us-central1-a => "sizeGb": "20"
    compute instances attach-disk ${vm} --disk=d
    compute instances detach-disk ${vm} --disk=d
    compute instances delete ${vm}
    ! compute instances describe ${vm}`,
  'Compute Engine: groups': `
    compute instance-templates create t1 --machine-type=e2-small
    compute instance-templates create t2 --machine-type=e2-medium
    compute instance-groups managed create g --zone=us-central1-a --size=2 --template=t1
    compute instance-groups managed resize g --zone=us-central1-a --size=5
    compute instance-groups managed describe g --zone=us-central1-a => "targetSize": 5
    compute instance-groups managed set-instance-template g --zone=us-central1-a --template=t2
    compute instance-groups managed describe g --zone=us-central1-a => instanceTemplates/t2
    ! compute instance-groups managed describe nope --zone=us-central1-a`,
  'Compute Engine: load balancing': `
    compute health-checks create http hc --port=80
    compute backend-services create bs --global --protocol=HTTP --health-checks=hc
    compute backend-services update bs --global --timeout=60
    compute backend-services describe bs --global => "timeoutSec": 60
    compute security-policies create sp
    compute security-policies rules create 1000 --security-policy=sp --src-ip-ranges=1.2.3.0/24 --action=deny-403
    compute security-policies rules update 1000 --security-policy=sp --action=allow
    compute security-policies rules describe 1000 --security-policy=sp => "action": "allow"
    compute security-policies rules delete 1000 --security-policy=sp
    ! compute security-policies rules describe 1000 --security-policy=sp
    compute backend-services update bs --global --security-policy=sp
    compute backend-services describe bs --global => securityPolicies/sp
    compute url-maps create um --default-service=bs
    compute target-http-proxies create tp --url-map=um
    compute forwarding-rules create fr --global --target-http-proxy=tp --ports=80
    ! compute url-maps delete um`,
  'Cloud SQL': `
    sql instances create db --database-version=POSTGRES_15 --tier=db-f1-micro --region=us-central1
    sql instances patch db --activation-policy=NEVER
    sql instances describe db => "activationPolicy": "NEVER"
    sql instances patch db --activation-policy=ALWAYS
    sql instances describe db => "activationPolicy": "ALWAYS"
    sql instances restart db
    sql databases create app --instance=db
    sql users create bob --instance=db --password=x
    sql users delete bob --instance=db
    sql backups create --instance=db
    sql instances clone db db2
    sql instances list => "name": "db2"
    ! sql instances describe nope`,
  'Kubernetes Engine': `
    container clusters create c --zone=us-central1-a --num-nodes=2
    container node-pools create np --cluster=c --zone=us-central1-a --num-nodes=1
    container clusters resize c --zone=us-central1-a --node-pool=np --num-nodes=3
    container node-pools describe np --cluster=c --zone=us-central1-a => "initialNodeCount": 3
    container clusters resize c --zone=us-central1-a --node-pool=np --num-nodes=1
    container node-pools describe np --cluster=c --zone=us-central1-a => "initialNodeCount": 1
    container node-pools delete np --cluster=c --zone=us-central1-a
    ! container node-pools describe np --cluster=c --zone=us-central1-a
    ! container clusters describe nope --zone=us-central1-a`,
  'Pub/Sub': `
    pubsub topics create t
    pubsub topics update t --update-labels=a=b
    pubsub topics describe t => "a": "b"
    pubsub subscriptions create s --topic=t
    pubsub subscriptions update s --ack-deadline=60
    pubsub subscriptions describe s => "ackDeadlineSeconds": 60
    pubsub subscriptions modify-push-config s --push-endpoint=https://x.example/
    pubsub topics add-iam-policy-binding t --member=user:a@example.com --role=roles/pubsub.publisher
    pubsub topics get-iam-policy t => roles/pubsub.publisher
    pubsub subscriptions delete s
    ! pubsub topics describe nope`,
  'Cloud DNS': `
    dns managed-zones create z --dns-name=example.com. --description=d
    dns record-sets create a.example.com. --zone=z --type=A --rrdatas=1.2.3.4 --ttl=60
    dns record-sets update a.example.com. --zone=z --type=A --rrdatas=5.6.7.8 --ttl=60
    dns record-sets describe a.example.com. --zone=z --type=A => 5.6.7.8
    dns record-sets transaction start ${transaction}
    dns record-sets transaction add 9.9.9.9 --name=b.example.com. --ttl=300 --type=A ${transaction}
    dns record-sets transaction execute ${transaction}
    dns record-sets list --zone=z => 9.9.9.9
    dns record-sets delete a.example.com. --zone=z --type=A
    ! dns record-sets describe a.example.com. --zone=z --type=A
    ! dns managed-zones describe nope`,
  'Cloud Scheduler': `
    scheduler jobs create http j --location=us-central1 --schedule='* * * * *' --uri=http://x.example/
    scheduler jobs pause j --location=us-central1
    scheduler jobs describe j --location=us-central1 => PAUSED
    scheduler jobs resume j --location=us-central1
    scheduler jobs describe j --location=us-central1 => ENABLED
    scheduler jobs update http j --location=us-central1 --schedule='0 * * * *'
    ! scheduler jobs describe nope --location=us-central1`,
  'Cloud Tasks': `
    tasks queues create q --location=us-central1
    tasks queues pause q --location=us-central1
    tasks queues describe q --location=us-central1 => PAUSED
    tasks queues resume q --location=us-central1
    tasks queues purge q --location=us-central1
    ! tasks queues describe nope --location=us-central1`,
  'Cloud KMS': `
    kms keyrings create r --location=us-central1
    kms keys create k --purpose=encryption ${key}
    kms keys versions create --key=k ${key}
    kms keys versions disable 1 --key=k ${key}
    kms keys versions describe 1 --key=k ${key} => DISABLED
    kms keys versions enable 1 --key=k ${key}
    kms keys set-primary-version k --version=2 ${key}
    kms keys describe k ${key} => cryptoKeyVersions/2
    ! kms keys describe nope ${key}`,
  'Cloud Storage': `
    storage buckets create gs://acme-bkt
    storage buckets update gs://acme-bkt --versioning
    storage buckets describe gs://acme-bkt => "versioning_enabled": true
    storage buckets add-iam-policy-binding gs://acme-bkt --member=user:a@example.com --role=roles/storage.objectViewer
    storage buckets get-iam-policy gs://acme-bkt => objectViewer
    storage buckets delete gs://acme-bkt
    ! storage buckets describe gs://acme-bkt`,
  Memorystore: `
    redis instances create r --region=us-central1 --size=1
    redis instances update r --region=us-central1 --size=2
    redis instances describe r --region=us-central1 => "memorySizeGb": 2
    redis instances failover r --region=us-central1
    ! redis instances describe nope --region=us-central1
    redis instances delete r --region=us-central1`,
  'IAM: accounts, keys and roles': `
    iam service-accounts create svc-acct
    iam service-accounts keys create ${join(scratch, 'key.json')} --iam-account=${account}
    iam service-accounts keys list --iam-account=${account} => USER_MANAGED
    iam service-accounts disable ${account}
    iam service-accounts describe ${account} => "disabled": true
    iam service-accounts enable ${account}
    iam service-accounts update ${account} --display-name=Deployer
    iam service-accounts describe ${account} => Deployer
    iam service-accounts add-iam-policy-binding ${account} --member=user:a@example.com --role=roles/iam.serviceAccountUser
    iam service-accounts get-iam-policy ${account} => roles/iam.serviceAccountUser
    iam roles create deployer --title=D --permissions=run.services.get
    iam roles update deployer --add-permissions=run.services.list
    iam roles describe deployer => run.services.list
    iam service-accounts delete ${account}
    ! iam service-accounts get-iam-policy ${account}`,
  'Resource Manager and Service Usage': `
    projects create acme-brandnew
    projects delete acme-brandnew
    projects describe acme-brandnew => DELETE_REQUESTED
    projects undelete acme-brandnew
    projects describe acme-brandnew => ACTIVE
    ! projects describe nope-nope
    services enable dns.googleapis.com sqladmin.googleapis.com
    services list => dns.googleapis.com
    services disable dns.googleapis.com
    ! services disable dns.googleapis.com`,
  'Cloud Logging': `
    logging sinks create sk storage.googleapis.com/b
    logging sinks update sk --log-filter=severity>=ERROR
    logging sinks describe sk => severity>=ERROR
    logging buckets create lb --location=global --retention-days=30
    logging buckets update lb --location=global --retention-days=60
    logging buckets describe lb --location=global => "retentionDays": 60
    ! logging sinks describe nope`,
  'Artifact Registry': `
    artifacts repositories create ar --repository-format=docker --location=us-central1
    artifacts repositories update ar --location=us-central1 --description=x
    artifacts repositories describe ar --location=us-central1 => "description": "x"
    artifacts repositories delete ar --location=us-central1
    ! artifacts repositories describe ar --location=us-central1`,
  'Cloud Run jobs': `
    run jobs create jb --image=x/y --region=us-central1
    run jobs update jb --image=x/z --region=us-central1
    run jobs describe jb --region=us-central1 => x/z
    run jobs execute jb --region=us-central1
    run jobs executions list --region=us-central1 => "kind": "Execution"
    run jobs delete jb --region=us-central1
    ! run jobs describe jb --region=us-central1`,
  'Secret Manager': `
    secrets create sec
    secrets update sec --update-labels=a=b
    secrets describe sec => "a": "b"
    secrets add-iam-policy-binding sec --member=user:a@example.com --role=roles/secretmanager.secretAccessor
    secrets get-iam-policy sec => secretAccessor
    secrets delete sec
    ! secrets get-iam-policy sec`,
  'APIs that nothing was created in': `
    functions list
    workflows list --location=us-central1
    eventarc triggers list --location=us-central1
    spanner instances list
    alloydb clusters list --region=us-central1
    ! functions describe nope --region=us-central1
    ! pam entitlements describe nope --location=global`,
}

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

let sandbox: Sandbox
let path: string
let warm: Warm

beforeAll(async () => {
  const families = [{ cases: Object.values(apis).flatMap((text) => [{ command: commandIn(lines(text)[0]!) }]) }]
  ;({ path, warm } = startRealWarm(scratch, families))
  const packageFolder = new URL('../../../', import.meta.url).pathname
  sandbox = await startSandbox(scenarioWith(), {
    ...{ scenarioName: 'any gcloud', now: Date.now, random: fixedRandom() },
    ...describeFrom(findGcloud(process.env.PATH), { packageFolder, environment: { XDG_CACHE_HOME: scratch } }),
  })
})

afterAll(async () => {
  await warm?.close()
  await sandbox?.close()
  rmSync(scratch, { recursive: true })
})

const commandIn = (line: string): string => line.replace(/^! /, '').replace(/ => .*$/, '')

/** Runs the command of a line; returns its exit code and output. */
async function gcloud(line: string): Promise<{ exit: number | null; stdout: string; stderr: string }> {
  const argv = (commandIn(line).match(/(?:'[^']*'|[^\s'])+/g) ?? []).map((each) => each.replaceAll("'", ''))
  const environment = childEnvironment(
    process.env,
    sandboxEnvironment({ ...sandbox, configDir: join(scratch, 'config') }),
  )
  const ended = await warm.run(
    { argv, project: 'acme-prod', timeoutMs: 90_000 },
    { path, environment, endGroup: end, onChild() {} },
  )
  if (!ended) throw new Error(`there is no warm gcloud: ${await warm.whyCold()}`)
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()
  return { exit: ended.exitCode, stdout: text(ended.stdout), stderr: text(ended.stderr) }
}

describe.concurrent('the real gcloud', () => {
  test.each(Object.entries(apis))('%s', { timeout: 300_000 }, async (_, text) => {
    for (const line of lines(text)) {
      const { exit, stdout, stderr } = await gcloud(line)
      const shown = / => (.*)$/.exec(line)?.[1]
      const crashed = /Traceback|crashed|sandbox does not simulate/.exec(stderr)?.[0]
      expect({ line, ends: exit === 0 ? 'well' : 'badly', crashed, stderr }).toMatchObject({
        line,
        ends: line.startsWith('! ') ? 'badly' : 'well',
        crashed: undefined,
      })
      if (shown !== undefined) expect(stdout, line).toContain(shown)
    }
  })
})

test('at least 150 commands over 20 APIs', () => {
  expect(Object.values(apis).flatMap(lines).length).toBeGreaterThanOrEqual(150)
})
