import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findGcloud } from '../../engine/gcloud/find.ts'
import {
  CHANGING_VERBS,
  kindOfCommand,
  NOT_READ,
  READING_VERBS,
  SECRET_COMMANDS,
  SECRET_VERBS,
  UNDECIDED_VERBS,
} from '../../engine/gcloud-grammar/command-kinds.ts'
import { withoutTrack } from '../../engine/gcloud-grammar/command-tree.ts'
import { kindOf, knownReads, READS_OF, refusalOfRead } from '../../engine/gcloud-grammar/reads.ts'
import { lintArguments } from '../../engine/runbook/lint/arguments.ts'
import { classifyTree, countsOf, READING_FLAGS, readsTable } from '../../scripts/reads-table.ts'

const installed = findGcloud(process.env.PATH)
const commands = installed ? classifyTree(installed.root) : []
const known = [...knownReads()].map(([name, flags]) => ({ words: name.split(' '), flags }))

describe.skipIf(!installed)('of the whole command tree of the installed SDK', () => {
  test('every command is of one kind, and the kinds add up', () => {
    const counts = countsOf(commands)
    expect(commands.length).toBeGreaterThan(10_000)
    expect(counts.read + counts.change + counts['print-secret'] + counts.unknown).toBe(commands.length)
    expect(new Set(commands.map(({ words }) => words.join(' '))).size).toBe(commands.length)
  })

  test('every verb was reviewed', () => {
    const reviewed = [READING_VERBS, CHANGING_VERBS, UNDECIDED_VERBS, SECRET_VERBS]
    const words = new Set(commands.map(({ words }) => words.at(-1) ?? ''))
    expect([...words].filter((word) => !reviewed.some((table) => table.has(word)))).toEqual([])
  })

  test('every command in the tables exists', () => {
    const names = new Set(commands.map(({ words }) => withoutTrack(words).join(' ')))
    const groups = new Set([...names].map((name) => name.replace(/ [^ ]+$/, ' *')))
    expect([...SECRET_COMMANDS, ...NOT_READ].filter((name) => !names.has(name) && !groups.has(name))).toEqual([])
  })

  test.skipIf(installed?.version !== READS_OF)('known-reads.json is what it gives', () => {
    const file = new URL('../../engine/gcloud-grammar/known-reads.json', import.meta.url)
    expect(readFileSync(file, 'utf8'), 'make it again: npm run reads -- --write').toBe(
      readsTable(commands, READS_OF).text,
    )
  })

  test('a command line is a read exactly if its command is, whatever its release track', () => {
    const wrong = commands.filter(({ words, kind }) => (refusalOfRead(words) === undefined) !== (kind === 'read'))
    expect(wrong.map(({ words }) => words.join(' '))).toEqual([])
  })

  test('a read accepts no flag that was not reviewed', () => {
    const refused = commands
      .filter(({ kind }) => kind === 'read')
      .flatMap(({ words, flags }) => flags.filter((flag) => !READING_FLAGS.has(flag)).map((flag) => [...words, flag]))
    expect(refused.length).toBeGreaterThan(10)
    expect(refused.filter((words) => refusalOfRead(words) === undefined)).toEqual([])
  })
})

test('no verb is in two tables', () => {
  const all = [READING_VERBS, CHANGING_VERBS, UNDECIDED_VERBS, SECRET_VERBS].flatMap((table) => [...table])
  expect(all.filter((word, index) => all.indexOf(word) !== index)).toEqual([])
})

test.each<[kind: ReturnType<typeof kindOfCommand>, ...commands: string[]]>([
  [
    'print-secret',
    'auth print-access-token',
    'auth application-default print-access-token',
    'container clusters get-credentials',
    'container fleet scopes namespaces get-credentials',
    'edge-cloud container clusters get-credentials',
    'redis instances get-auth-string',
    'services api-keys get-key-string',
    'sql generate-login-token',
    'compute reset-windows-password',
    'compute sign-url',
    'storage sign-url',
    'storage cat',
    'kms decrypt',
    'kms asymmetric-sign',
    'iam service-accounts sign-jwt',
    'iam service-accounts keys create',
    'iam oauth-clients credentials list',
    'iap oauth-clients list',
    'iap oauth-clients describe',
    'bms instances auth-info',
    'compute interconnects macsec get-config',
    'container attached clusters generate-install-manifest',
    'container backup-restore backups get-backup-index-download-url',
    'domains registrations authorization-code get',
    'apigee applications describe',
    'composer environments user-workloads-secrets list',
    'parametermanager parameters versions describe',
    'parametermanager parameters versions render',
    'runtime-config configs variables get-value',
    'infra-manager deployments export-statefile',
    'vmware private-clouds hcx activationkeys list',
    'vmware private-clouds vcenter credentials describe',
    'firestore user-creds reset-password',
    'artifacts print-settings npm',
    'secrets versions access',
  ],
  [
    'change',
    'sql export sql',
    'firestore export',
    'compute instances get-screenshot',
    'compute routers download-route-policy',
    'cloud-shell get-mount-command',
    'privateca pools get-ca-certs',
    'pubsub subscriptions pull',
    'tasks lease',
    'spanner databases execute-sql',
    'metastore services query-metadata',
    'asset analyze-iam-policy-longrunning',
    'dns record-sets transaction start',
    'composer environments list-packages',
    'composer environments check-upgrade',
    'artifacts docker images scan',
    'compute ssh',
    'sql connect',
    'run services proxy',
    'app browse',
    'storage service-agent',
    'storage diagnose',
    'iam workload-identity-pools create-cred-config',
    'resource-config bulk-export',
    'interactive',
    'feedback',
  ],
  [
    'unknown',
    'help',
    'info',
    'config get',
    'topic filters',
    'asset query',
    'logging tail',
    'builds log',
    'operations wait',
    'sql operations wait',
    'dns record-sets transaction describe',
    'kms keys versions get-public-key',
    'compute instances get-guest-attributes',
    'bq tables show-rows',
    'nobody reviewed get-everything',
    'run services listall',
  ],
  [
    'read',
    'run services list',
    'secrets versions describe',
    'projects get-iam-policy',
    'logging read',
    'iam list-grantable-roles',
    'compute backend-services get-health',
    'asset search-all-resources',
    'sql instances get-latest-recovery-time',
  ],
])('%s', (kind, ...names) => {
  expect(names.filter((name) => kindOfCommand(name.split(' ')) !== kind)).toEqual([])
})

const anyRead = fc.constantFrom(...known)
const forms = (flag: string, value: string): string[][] => [
  [flag],
  [`${flag}=${value}`],
  [flag, value],
  [`--no-${flag.slice(2)}`],
]

/** Flags that write a file, read a credential, or change the account or the server. */
const BAD_FLAGS = [
  ...['--account', '--configuration', '--project', '--billing-project', '--impersonate-service-account'],
  ...['--access-token-file', '--flags-file', '--log-http', '--trace-token', '--verbosity', '--format', '--flatten'],
  ...['--universe-domain', '--api-endpoint-overrides', '--credential-file-override', '--authority-selector'],
  ...['--authorization-token-file', '--capture-session-file', '--trace-log', '--trace-email', '--http-timeout'],
  ...['--output-file', '--out-file', '--destination', '--attestation-file', '--rbac-output-file', '--transaction-file'],
  ...['--kubeconfig', '--platform', '--key-file', '--decryption-keys', '--additional-headers', '--guest-attributes'],
]

test('no read accepts a flag that writes a file, reads a credential, or changes the account or the server', () => {
  const anyForm = fc.constantFrom(...BAD_FLAGS).chain((flag) => fc.constantFrom(...forms(flag, 'x')))
  const property = fc.property(anyRead, anyForm, fc.boolean(), ({ words }, form, last) => {
    const line = last ? [...words, 'thing', ...form] : [...words, ...form, 'thing']
    return refusalOfRead(line)?.index !== undefined
  })
  fc.assert(property, { numRuns: 3000 })
})

test('nor a flag of another command, an abbreviated one, a short one, or what ends the flags', () => {
  const anyFlag = fc.oneof(
    anyRead.chain(({ flags }) => fc.constantFrom('--filter', ...flags)),
    fc.constantFrom('--', '-', '-q', '-h', '-1', '--outp', '--acc'),
    fc.stringMatching(/^--?[a-z][a-z-]{0,20}$/),
  )
  fc.assert(
    fc.property(anyRead, anyFlag, ({ words, flags }, flag) => {
      const takes = flags.includes(flag) || (flag.startsWith('--no-') && flags.includes(`--${flag.slice(5)}`))
      expect(refusalOfRead([...words, 'thing', flag]) === undefined).toBe(takes)
    }),
    { numRuns: 3000 },
  )
})

test('no accepted flag sounds like a file, a credential or another server', () => {
  const accepted = new Set(known.flatMap(({ flags }) => flags))
  const bad =
    /(file|header|headers|password|credentials?|kubeconfig|decryption|universe|impersonate|override|account-file)s?$/
  expect([...accepted].filter((flag) => bad.test(flag) || /(?<!page[-_])token/.test(flag))).toEqual([])
})

test.each([
  ['elsewhere.example/'],
  ['elsewhere.example?'],
  ['elsewhere.example'],
  ['user@elsewhere.example:443'],
  ['us-central1,elsewhere.example/'],
  [''],
  ['us central1'],
])('a location must be a name, not part of a host name: %j', (place) => {
  const describing = ['run', 'services', 'describe', 'web']
  expect(refusalOfRead([...describing, `--region=${place}`])).toMatchObject({ index: 4 })
  expect(refusalOfRead([...describing, '--region', place])).toMatchObject({ index: 5 })
  expect(refusalOfRead(['secrets', 'list', `--location=${place}`])).toMatchObject({ index: 2 })
  expect(refusalOfRead(['compute', 'instances', 'list', '--zones', place])).toMatchObject({ index: 4 })
})

const LOCATED = ['projects', 'p', 'locations', 'elsewhere.example?', 'tensorboards', '1', 'experiments', 'e']

test.each([
  LOCATED.join('/'),
  `https://aiplatform.googleapis.com/v1/${LOCATED.join('/')}`,
  `https://aiplatform.googleapis.com/v1/${LOCATED.join('/').replace('?', '%3F')}`,
  `https://aiplatform.googleapis.com/v1/${LOCATED.join('%2F')}`,
  `HTTPS://aiplatform.googleapis.com/v1/${LOCATED.join('/')}`,
  `one,${LOCATED.join('/').replace('?', '#')}`,
  'projects/p/zones/user@elsewhere.example:443/things/t',
  'organizations/o/regions//things/t',
])('so must a location in a full resource name, in any flag: %j', (name) => {
  const listing = ['beta', 'ai', 'tensorboard-runs', 'list']
  expect(refusalOfRead([...listing, `--tensorboard-experiment-id=${name}`])).toMatchObject({ index: 4 })
  expect(refusalOfRead([...listing, '--tensorboard-experiment-id', name])).toMatchObject({ index: 5 })
  expect(lintArguments([], ['compute', 'instances', 'create', 'web', `--network=${name}`])).not.toEqual([])
})

test.each([
  `--resource-names=projects/p/locations/us-central1/buckets/b,projects/p`,
  '--filter=name:projects/p/locations/*',
  '--filter=selfLink~/zones/us.*',
  '--tensorboard-experiment-id=projects/p/locations/us-central1/tensorboards/1/experiments/e',
])('%s contains its locations', (word) => {
  expect(
    refusalOfRead([...(word.startsWith('--t') ? ['ai', 'tensorboard-runs', 'list'] : ['logging', 'read', 'x']), word])
      ?.message ?? '',
  ).not.toContain('place')
})

test.each(['s3://bucket', 'S3://bucket/*', 'file:///etc/passwd', ' s3://bucket', 'wasb+x://c'])(
  'a read asks nobody but Google Cloud: %j',
  (address) => {
    expect(refusalOfRead(['storage', 'objects', 'list', address])).toMatchObject({ index: 3 })
    expect(refusalOfRead(['storage', 'objects', 'list', 'gs://bucket/*'])).toBeUndefined()
    expect(kindOf(['container', 'images', 'describe', 'elsewhere.example/p/web'])).toBe('unknown')
  },
)

test.each(['us-central1', 'US', 'nam5', '-', 'global', 'us-central1-a'])('%s is a location', (place) => {
  expect(refusalOfRead(['secrets', 'list', `--location=${place}`])).toBeUndefined()
})

test.each([
  [['run', 'services', 'describe', 'projects/other/locations/l/services/web']],
  [['secrets', 'describe', '//secretmanager.googleapis.com/projects/other/secrets/KEY']],
  [['compute', 'instances', 'describe', 'https://elsewhere.example/compute/v1/projects/p/zones/z/instances/i']],
  [['run', 'services', 'list', '--namespace=other']],
])('a read refers to no other project: %j', (words) => {
  expect(refusalOfRead(words)).toMatchObject({ index: words.length - 1 })
})

test('a new command is unknown, whatever its name', () => {
  expect(kindOf(['run', 'moons', 'describe', 'x'])).toBe('unknown')
  expect(kindOf(['brand-new', 'things', 'list'])).toBe('unknown')
  expect(kindOf(['beta', 'run', 'services', 'describe', 'x'])).toBe('read')
})
