import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { gcloudKnowledge } from '../../engine/gcloud/command-tree.ts'
import { findGcloud } from '../../engine/gcloud/find.ts'
import table from '../../engine/gcloud/known-commands.json' with { type: 'json' }
import type { Argument } from '../../engine/gcloud-grammar/argument.ts'
import { type CommandTree, findCommand, isGroup } from '../../engine/gcloud-grammar/command-tree.ts'
import { lintCommandLine } from '../../engine/runbook/lint/gcloud-usage.ts'
import { lintShellHabits } from '../../engine/runbook/lint/shell-habits.ts'
import { atTheEnd } from '../at-the-end.ts'

const installed = findGcloud(process.env.PATH)
if (!installed)
  throw new Error('There is no gcloud on the PATH, whose command tree these tests hold the table against.')
const [sdk, known] = [gcloudKnowledge(installed), gcloudKnowledge(undefined)]

test('the tree matches that of the SDK, whatever the layout of its file', () => {
  const file = readFileSync(join(installed.root, 'data', 'cli', 'gcloud_completions.py'), 'utf8')
  const whole = JSON.parse(file.slice(file.indexOf('{', file.indexOf('=')))) as CommandTree
  // The file lacks what only the table has.
  const plain = (tree: CommandTree): CommandTree => ({
    commands: Object.fromEntries(Object.entries(tree.commands).map(([name, inner]) => [name, plain(inner)])),
    flags: tree.flags,
  })
  expect(plain(sdk.tree)).toEqual(whole)
  const folder = mkdtempSync(join(tmpdir(), 'breakglass-sdk-'))
  atTheEnd(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'data', 'cli'), { recursive: true })
  writeFileSync(join(folder, 'data', 'cli', 'gcloud_completions.py'), `TREE = ${JSON.stringify(whole)}\n`)
  expect(gcloudKnowledge({ ...installed, root: folder }).tree).toEqual(sdk.tree)
})

/** Returns the findings for a command as `MARKED: message (hint)`. */
function said(words: Argument[], knowledge = sdk): string[] {
  return lintCommandLine(['c'], words, knowledge).map(({ path, start, end, message, hint }) => {
    const word = words[Number(path[1])] ?? ''
    const text = typeof word === 'string' ? word : word.flag
    return `${text.slice(start ?? 0, end)}: ${message}${hint === undefined ? '' : ` (${hint})`}`
  })
}

const update = ['run', 'services', 'update', 'web', '--region', 'us-central1']

test.each<[mistake: string, words: Argument[], ...said: string[]]>([
  [
    'a mistyped command',
    ['run', 'services', 'updte', 'web'],
    'updte: `gcloud run services` has no command `updte` (did you mean `update`?)',
  ],
  ['a mistyped group', ['secret', 'list'], 'secret: `gcloud` has no command `secret` (did you mean `secrets`?)'],
  [
    'a group without its command',
    ['run', 'services', '--region=x'],
    'services: `gcloud run services` is a command group, not a command',
  ],
  ['a command from an expression', ['run', '${{ x }}', 'list'], '${{ x }}: a command name cannot be an expression'],
  [
    'a mistyped flag',
    [...update, '--ingres=all'],
    '--ingres: `gcloud run services update` has no flag `--ingres` (did you mean `--ingress`?)',
  ],
  ['a mistyped negation', [...update, '--no-invoker-iam-chek'], '(did you mean `--no-invoker-iam-check`?)'],
  [
    'a flag of the beta track',
    [...update, '--no-iap'],
    '--no-iap: `gcloud run services update` has no flag `--no-iap` (`gcloud beta run services update` has it; start the command with `beta`)',
  ],
  [
    'a flag of another command',
    ['run', 'services', 'describe', 'web', '--region=r', '--ingress=all'],
    '--ingress: `gcloud run services describe` has no flag `--ingress`',
  ],
  [
    'an unknown value',
    [...update, '--ingress=al'],
    'al: `al` is not a valid value for `--ingress` (did you mean `all`?)',
  ],
  [
    'an unknown value as a separate argument',
    [...update, '--ingress', 'everything'],
    'everything: `everything` is not a valid value for `--ingress` (use `all`, `internal` or `internal-and-cloud-load-balancing`)',
  ],
  [
    'a value in capitals',
    [...update, '--ingress=ALL'],
    'ALL: `ALL` is not a valid value for `--ingress` (did you mean `all`?)',
  ],
  [
    'a flag without its value',
    [...update, '--service-account'],
    '--service-account: `--service-account` needs a value',
  ],
  [
    'a value for a yes-or-no flag',
    [...update, '--no-invoker-iam-check=true'],
    '--no-invoker-iam-check: `--no-invoker-iam-check` takes no value',
  ],
  [
    'a choice for a flag with a value',
    [...update, { flag: '--ingress', on: '${{ x }}' }],
    '--ingress: `--ingress` is not a boolean flag: it takes a value',
  ],
  [
    'a boolean flag and its negation',
    [...update, '--invoker-iam-check', '--no-invoker-iam-check'],
    '--no-invoker-iam-check: duplicate flag `--invoker-iam-check`',
  ],
  [
    'no region',
    ['run', 'services', 'describe', 'web'],
    'describe: `gcloud run services describe` requires `--region`; otherwise gcloud uses its local configuration (add --region',
  ],
  [
    'no role',
    ['projects', 'add-iam-policy-binding', 'p', '--member=user:a@b.c'],
    'add-iam-policy-binding: `gcloud projects add-iam-policy-binding` requires `--role`',
  ],
  [
    'a missing resource name',
    ['secrets', 'describe'],
    'describe: `gcloud secrets describe` requires a positional argument',
  ],
  [
    'one argument too many',
    ['run', 'services', 'describe', 'web', 'api', '--region=r'],
    'api: `gcloud run services describe` takes one positional argument',
  ],
])('%s is found, with an SDK and without', (_, words, ...wanted) => {
  for (const knowledge of [sdk, known])
    for (const each of wanted) expect(said(words, knowledge).join('\n')).toContain(each)
})

test('with an SDK, a command of the beta track is found', () => {
  expect(said(['quotas', 'preferences', 'list']).join()).toContain('start the command with `beta`')
})

test.each<[what: string, words: Argument[]]>([
  ['a flag with an expression', [...update, '--ingress=${{ before.ingress }}']],
  ['a flag whose value is the next argument', [...update, '--service-account', '${{ x }}']],
  ['a choice between two flags', [...update, { flag: '--invoker-iam-check', on: '${{ x }}' }]],
  ['a flag that gcloud hides', [...update, '--update-annotations=a=b']],
  ['a list with no region', ['run', 'services', 'list']],
  ['the negation of a flag that is only listed without', [...update, '--no-clear-labels']],
  ['gcloud itself, which another check reports', ['gcloud', 'run']],
])('%s is valid', (_, words) => expect([...said(words, sdk), ...said(words, known)]).toEqual([]))

test('without an SDK, commands that are not in the table are not checked', () => {
  expect(said(['compute', 'instances', 'list', '--zonk'], known)).toEqual([])
  expect(said(['run', 'regions', 'lst'], known)).toEqual([])
  expect(said(['iam', 'roles', 'list'], known)).toEqual([])
})

test('the table agrees with the SDK', () => {
  if (installed.version !== table.sdk)
    throw new Error(`Make the table for ${installed.version}: npm run known-commands.`)
  for (const [path, { flags }] of Object.entries(table.commands)) {
    const found = findCommand(sdk.tree, path.split(' '))
    expect(found && isGroup(found.node), path).toBe(false)
    expect(found?.flags, path).toMatchObject(flags)
  }
})

describe('shell syntax', () => {
  test.each([
    ['a pipe', ['run', 'services', 'list', '|'], '|: `|` is shell syntax'],
    [
      'a flag and its value in one word',
      ['run', 'services', 'list', '--region us-central1'],
      '--region us-central1: this item contains two arguments',
    ],
    [
      'a whole command in one word',
      ['run services list', 'x'],
      'run services list: this item contains several arguments',
    ],
    ["the shell's variable", ['projects', 'describe', '$PROJECT'], '$PROJECT: `$PROJECT` is a shell variable'],
    [
      "the shell's variable in braces",
      ['projects', 'describe', 'a-${PROJECT_ID}'],
      '${PROJECT_ID}: `${PROJECT_ID}` is a shell variable',
    ],
    [
      'an expression with one brace',
      ['projects', 'describe', '${ env.project }'],
      '${ env.project }: an expression needs two braces (write ${{ env.project }})',
    ],
    [
      'an expression without its dollar',
      ['projects', 'describe', '{{ env.project }}'],
      '{{ env.project }}: an expression starts with `$` (write ${{ env.project }})',
    ],
    ['a command inside a word', ['projects', 'describe', '$(cat p)'], '$(: command substitution is shell syntax'],
    [
      'quotes within quotes',
      ['projects', 'describe', '--filter="a=b"'],
      '--filter="a=b": these quotes become part of the argument',
    ],
  ])('%s is found', (_, words, wanted) => {
    const found = lintShellHabits(['c'], words).map(
      ({ path, start, end, message, hint }) =>
        `${words[Number(path[1])]?.slice(start, end)}: ${message}${hint === undefined ? '' : ` (${hint})`}`,
    )
    expect(found.join()).toContain(wanted)
  })

  test('is ignored inside expressions', () => {
    expect(lintShellHabits(['c'], ['projects', 'describe', '${{ {"$a": "`"}["$a"] }}'])).toEqual([])
  })
})
