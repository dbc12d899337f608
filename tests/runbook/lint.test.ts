import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readRunbook } from '../../engine/runbook/read-runbook.ts'
import { changed, findingsIn, marked, runbookText, shipped } from '../samples/samples.ts'

const lint = (text: string) => findingsIn(readRunbook({ name: 'sample.yaml', text }))

const undo = '    undo: { gcloud: [run, services, update, "${{ service }}", "--ingress=${{ before.ingress }}"] }\n'
/** The sample with another value, which is a boolean. */
const withOpen = changed(
  runbookText,
  'select:\n        ingress: ${{ result.metadata.ingress }}',
  'select: { ingress: "${{ result.metadata.ingress }}", open: "${{ result.open == 1 }}" }',
)
const describe = 'gcloud: [run, services, describe, "${{ service }}", --region, "${{ env.region }}"]'
const http = 'http: { url: "https://example.test/", status: 200 }'
const update = '[run, services, update, "${{ service }}", --ingress=all]'

test('a valid runbook has no findings', () => expect(lint(runbookText)).toEqual([]))

test.each(readdirSync(new URL('../../runbooks/', import.meta.url)).filter((name) => name.endsWith('.yaml')))(
  'the shipped %s has no finding',
  async (name) => {
    const { readInventory } = await import('../../engine/runbook/read-inventory.ts')
    expect(findingsIn((name === 'inventory.yaml' ? readInventory : readRunbook)(shipped(name)))).toEqual([])
  },
)

// The change to the sample, and the expected parts of `line:column message (hint)`.
test.each<[mistake: string, from: string, to: string, ...said: string[]]>([
  [
    'an unknown variable',
    '${{ service }} is open',
    '${{ ‸servce }} is open',
    'there is no variable `servce` here (did you mean `service`?)',
  ],
  [
    '`before` outside an undo',
    '--ingress=all] }',
    '"--ingress=${{ ‸before.ingress }}"] }',
    'there is no variable `before`',
  ],
  ['`result` outside a select', 'record: Opened', 'record: ${{ ‸result.x }}', 'there is no variable `result`'],
  ['`changed` outside the record', 'title: ${{ service }}', 'title: ${{ ‸changed }}', 'there is no variable `changed`'],
  ['a loop variable outside its step', 'title: it answers', 'title: ${{ ‸service }}', 'there is no variable `service`'],
  [
    'an unknown field of env',
    'env.region }}"]',
    'env.‸regoin }}"]',
    'there is no field `regoin` (did you mean `region`?)',
  ],
  ['an unknown field of a service', 's.name) }}', 's.‸nmae) }}', 'there is no field `nmae` (did you mean `name`?)'],
  [
    'an unknown input',
    'inputs.services }}',
    'inputs.‸servics }}',
    'there is no field `servics` (did you mean `services`?)',
  ],
  [
    'an undo that names what is not selected',
    'before.ingress',
    'before.‸ingres',
    'there is no field `ingres` (did you mean `ingress`?)',
  ],
  ['an expression that does not parse', "env.region != '' ", 'env.region != ‸', 'Unexpected token: EOF'],
  ['an unclosed expression', '${{ service }} is open', '‸${{ service is open', 'unclosed `${{`: expected `}}`'],
  [
    'a list where a text must be',
    '${{ service }} is open',
    '${{ ‸inputs.services }} is open',
    'expected a string, but this expression has type list<string>',
  ],
  [
    'a forEach that is no list',
    '"${{ inputs.services }}"',
    '"${{ ‸env.region }}"',
    'expected a list, but this expression has type string',
  ],
  [
    'a forEach of text and expression',
    '"${{ inputs.services }}"',
    '‸"${{ env.name }}${{ env.name }}"',
    'expected a single expression for a list',
  ],
  [
    'a loop variable that hides another',
    'forEach: { service:',
    'forEach: { ‸env:',
    'the variable `env` already exists',
  ],
  [
    'a when that is no condition',
    "env.region != ''",
    '‸env.region',
    'expected true or false, but this expression has type string',
  ],
  ['operands of different types', "env.region != ''", '‸env.region == 1', 'no such overload'],
  [
    'an expect that select lacks',
    'expect: { ingress: all }',
    'expect: { ‸ingres: all }',
    '`select` has no `ingres` to compare (did you mean `ingress`?)',
  ],
  [
    'a text that must be true',
    'expect: { ingress: all }',
    'expect: { ingress: all, open: ‸"true" }',
    '`select.open` is true or false, so it can never equal a string',
  ],
  [
    'an expression that must be a number',
    'expect: { ingress: all }',
    'expect: { ingress: all, open: ‸"${{ inputs.many }}" }',
    '`select.open` is true or false, so it can never equal a number',
  ],
  [
    'more reads than there is time for',
    '    when:',
    '    settle: ‸{ reads: 4, every: 10s, within: 29s }\n    when:',
    '4 reads at intervals of 10s take 30 s, longer than `within` (29s), so this step never settles',
  ],
  [
    'more reads than there is time for by default',
    '    when:',
    '    settle: ‸{ reads: 10, every: 5s }\n    when:',
    '10 reads at intervals of 5s take 45 s, longer than `within` (30s), so this step never settles',
  ],
  ['an apply without an undo', undo, '', '21:5 `apply` requires `undo`'],
  ['an undo without an apply', `    apply: { gcloud: ${update} }\n`, '', '21:5 `undo` requires `apply`'],
  ['an observe without an expect', '    expect: { ingress: all }\n', '', '16:5 `observe` requires `expect`'],
  ['a step of no kind', http, 'risk: low', '25:5 item 1 of `verify` requires exactly one of'],
  ['a step of an unknown kind', http, `‸terraform: { plan: x }`, 'unknown key `terraform`'],
  [
    'a step of two kinds',
    http,
    `${http}\n    secret: { name: A, references: [dev] }`,
    '28:5 `secret` and `http` cannot be used together',
  ],
  ['an id given twice', 'id: answers', 'id: ‸ingress', 'duplicate step ID `ingress`'],
  [
    'a change under verify',
    http,
    'observe: { gcloud: [a, list], select: { x: "${{ result }}" } }\n    expect: { x: 1 }\n    ‸apply: { gcloud: [a, b] }\n    undo: { cannotBeUndone: no }',
    'a step in `verify` can only observe',
  ],
  [
    'a duration beyond all measure',
    '    when:',
    '    timeout: ‸9999999999s\n    when:',
    '`timeout` does not have the expected format',
  ],
])('%s is found', (_, from, to, ...said) => {
  const { text, place } = to.includes('‸')
    ? marked(to.includes('open:') ? withOpen : runbookText, from, to)
    : { text: changed(runbookText, from, to), place: '' }
  const found = lint(text).join('\n')
  for (const piece of said) expect(found).toContain(`${place} ${piece}`.trim())
})

test.each<[mistake: string, words: string, said: string]>([
  ['the word gcloud itself', '[‸gcloud, run, services, list]', 'a command does not include `gcloud` itself'],
  ['a flag first', '[‸--format=json, run, services, list]', 'a command must start with its group'],
  ['an expression first', '[‸"${{ service }}", list]', 'a command must start with its group'],
  [
    '--project',
    '[run, services, list, ‸--project=x]',
    '`--project` is reserved for Breakglass (remove it; to read another project, use `observe.project`)',
  ],
  ['--project and its value apart', '[run, services, list, ‸--project, x]', '`--project`'],
  ['--format', '[run, services, list, ‸--format=text]', '`--format`'],
  ['--quiet', '[run, services, list, ‸--quiet]', '`--quiet`'],
  ['-q', '[run, services, list, ‸-q]', '`-q`'],
  ['--log-http, which prints payloads', '[run, services, list, ‸--log-http]', '`--log-http`'],
  [
    '--impersonate-service-account',
    '[run, services, list, ‸--impersonate-service-account=x]',
    '`--impersonate-service-account`',
  ],
  ['--flags-file', '[run, services, list, ‸--flags-file=x]', '`--flags-file`'],
  [
    'an engine flag as a yes-or-no flag',
    '[run, services, list, ‸{ flag: --log-http, on: "${{ true }}" }]',
    '`--log-http`',
  ],
  [
    'a flag whose name is an expression',
    '[run, services, list, ‸"--${{ service }}"]',
    'a flag name cannot contain an expression',
  ],
  ['a change', '‸[run, services, update, "${{ service }}"]', '`gcloud run services update` is not a read-only command'],
  ['a deletion', '‸[run, services, delete, x]', '`gcloud run services delete` is not a read-only command'],
  ['a change to a thing called list', '‸[secrets, delete, list]', '`gcloud secrets delete` is not a read-only command'],
  [
    'a verb that is an expression',
    '‸[run, services, "${{ service }}", x]',
    '`gcloud run services` is not a known read-only command',
  ],
  ['a verb behind a flag', '‸[run, --region, x, services, delete]', '`gcloud run` is not a known read-only command'],
  ['a command that prints a secret', '‸[secrets, versions, access, "1"]', 'this command exposes a secret'],
  ['a token', '‸[auth, print-access-token]', 'this command exposes a secret'],
  [
    'a verb that takes messages, of a thing called list',
    '‸[pubsub, subscriptions, pull, list]',
    '`gcloud pubsub subscriptions pull` is not a read-only command',
  ],
  ['a verb that is not known', '‸[run, services, frobnicate, list]', '`gcloud run services frobnicate` is not a known'],
  ['a group that is not known', '‸[frobs, widgets, list]', '`gcloud frobs` is not a known read-only command'],
  ['a change of another release', '‸[beta, run, services, update, list]', '`gcloud beta run services update` is not'],
  ['a group alone', '‸[run, services]', '`gcloud run services` must be followed by a literal command'],
  [
    'a verb that is an expression',
    '[run, services, ‸"${{ service }}", x]',
    '`gcloud run services` must be followed by a literal command',
  ],
  [
    'a verb behind a flag',
    '[run, ‸--region, x, services, delete]',
    '`gcloud run` must be followed by a literal command',
  ],
  ['a word of two lines', '[run, services, describe, ‸"a\\nb"]', 'an argument must be a single line'],
  [
    'a yes-or-no flag on a text',
    '[run, services, list, { flag: --iap, on: "${{ ‸env.name }}" }]',
    'expected true or false',
  ],
  ['a word that is a list', '[run, services, describe, "${{ ‸inputs.services }}"]', 'expected a string'],
])('observing with %s is found', (_, words, said) => {
  const { text, place } = marked(runbookText, describe, `gcloud: ${words}`)
  expect(lint(text).join('\n')).toContain(`${place} ${said}`)
})

test.each(['--project=x', '--format=json', '--quiet', '--async', '--account=x', '"--${{ service }}=x"'])(
  'an apply and an undo with %s are found',
  (flag) => {
    expect(lint(changed(runbookText, '--ingress=all', flag))).toHaveLength(1)
    expect(lint(changed(runbookText, '"--ingress=${{ before.ingress }}"', flag))).toHaveLength(1)
  },
)

test('several mistakes are reported in file order', () => {
  const text = changed(changed(runbookText, 'env.region !=', 'env.regoin !='), 'id: answers', 'id: ingress')
  expect(lint(text).map((finding) => finding.split(' ', 1)[0])).toEqual(['15:19', '25:9'])
})

test('an http check can only read', () => {
  const found = lint(
    changed(runbookText, http, 'http: { from: [run, services, delete, x], url: "${{ result.url }}", status: 200 }'),
  )
  expect(found.join()).toContain('is not a read-only command')
})

test.each([
  '[secrets, versions, access, latest, --secret=KEY]',
  '[beta, secrets, versions, access, "1", --secret=KEY]',
  '[secrets, --verbosity=none, versions, access, "1", --secret=KEY]',
  '[secrets, versions, --location, x, access, "1", --secret=KEY]',
  '[secrets, versions, describe, "1", --secret=KEY, --out-file=/tmp/x]',
  '[secrets, versions, add, KEY, --data-file=/tmp/x]',
  '[secrets, create, KEY, --data-file, /tmp/x]',
  '[kms, decrypt, --plaintext-file=-]',
  '[auth, print-identity-token]',
  '[auth, application-default, print-access-token]',
  '[iam, service-accounts, keys, create, key.json, --iam-account=a]',
  '[iam, oauth-clients, credentials, describe, x]',
  '[sql, users, set-password, root, --password=x]',
  '[container, clusters, get-credentials, x]',
])('%s is refused in observe, apply, undo and http', (words) => {
  const secret = 'this command exposes a secret: in its output, its arguments or a file'
  for (const text of [
    changed(runbookText, describe, `gcloud: ${words}`),
    changed(runbookText, update, words),
    changed(runbookText, undo, `    undo: { gcloud: ${words} }\n`),
    changed(runbookText, http, `http: { from: ${words}, url: "https://example.test/", status: 200 }`),
  ])
    expect(lint(text).join('\n')).toContain(secret)
})

test.each([
  '[run, services, "${{ service }}"]',
  '[secrets, versions, "${{ service }}", "1"]',
  '[iam, "${{ service }}"]',
])('a command with an expression as verb is refused: %s', (words) =>
  expect(lint(changed(runbookText, update, words)).join()).toContain('must be followed by a literal command'),
)

test.each([
  '[run, services, list]',
  '[beta, run, services, describe, x]',
  '[projects, get-iam-policy, x]',
  '[iam, service-accounts, keys, list, --iam-account=x]',
  '[secrets, versions, list, KEY]',
  '[logging, read, x]',
  '[compute, networks, subnets, list]',
  '[access-context-manager, policies, list]',
])('%s is a read', (words) => expect(lint(changed(runbookText, describe, `gcloud: ${words}`))).toEqual([]))

test.each([
  ['settle: { reads: 4, every: 10s, within: 30s }', 'when:'],
  ['settle: { within: 0s }', 'when:'],
])('a read-back with %s can settle', (settle, before) =>
  expect(lint(changed(runbookText, `    ${before}`, `    ${settle}\n    ${before}`))).toEqual([]),
)

test.each([
  ['true', "${{ result.open == 'yes' }}"],
  ['"${{ inputs.many > 1 }}"', "${{ result.open == 'yes' }}"],
  ['"true"', '${{ result.open }}'],
  ['2.5', '${{ result.list.size() }}'],
  ['[]', '${{ result.list.map(l, l.name) }}'],
  ['"${{ env.name }}-x"', '${{ string(result.open) }}'],
])('an expected %s can equal a selected %s', (wanted, selected) => {
  const text = changed(runbookText, 'expect: { ingress: all }', `expect: { ingress: all, open: ${wanted} }`)
  expect(
    lint(changed(text, '${{ result.metadata.ingress }}', `\${{ result.metadata.ingress }}\n        open: ${selected}`)),
  ).toEqual([])
})
