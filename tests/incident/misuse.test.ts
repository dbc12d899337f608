import { mkdirSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { makeDesk } from './cli.ts'

const desk = makeDesk()
const broken = desk.write(
  'broken.yaml',
  'apiVersion: breakglass/v1\nkind: Runbook\nmetadata:\n  nmae: broken\nsteps: []\n',
)

mkdirSync(desk.logs)
const expectedFiles = readdirSync(desk.folder).sort()

const full = {
  runbook: ['secret-parity'],
  env: ['--env', 'prod'],
  incident: ['--incident', 'INC-7'],
  reason: ['--reason', 'a test'],
  more: ['--sandbox', 'conformant', '--yes'],
}
const run = (changed: Partial<Record<keyof typeof full, string[]>>): string[] => [
  'run',
  ...Object.values({ ...full, ...changed }).flat(),
]

test.each<[what: string, argv: string[], said: RegExp[]]>([
  ['no command', [], [/USAGE\n {2}breakglass <command>/, /error: no command given/]],
  ['an unknown command', ['rehears', 'conformant'], [/unknown command `rehears`/, /did you mean `rehearse`\?/]],
  ['an unknown option', run({ more: ['--yess'] }), [/unknown option --yess/, /--yes\b/]],
  ['no environment', run({ env: [] }), [/--env NAME/]],
  [
    'an unknown environment',
    run({ env: ['--env', 'production'] }),
    [/no environment `production`/, /did you mean `prod`\?/, /dev, stage, prod/],
  ],
  ['no runbook', run({ runbook: [] }), [/RUNBOOK/]],
  [
    'an unknown runbook',
    run({ runbook: ['secret-party'] }),
    [/no runbook `secret-party`/, /did you mean `secret-parity`/i],
  ],
  ['an invalid runbook', run({ runbook: [broken] }), [/broken\.yaml:4:3/, /nmae/, /`name`/]],
  ['a runbook that is not there', run({ runbook: ['./gone.yaml'] }), [/gone\.yaml/, /no such file/]],
  [
    'an unknown scenario',
    run({ more: ['--sandbox', 'conformnat', '--yes'] }),
    [/no scenario `conformnat`/, /`conformant`/],
  ],
  [
    'an unknown input',
    run({ more: [...full.more, '--input', 'secret=A'] }),
    [/no input|an input `secret`/, /`secrets`/],
  ],
  ['an input without a value', run({ more: [...full.more, '--input', 'secrets'] }), [/--input secrets .*name=value/]],
  ['no incident', run({ incident: [] }), [/--incident ID/]],
  [
    'an incident that leaves the logs',
    run({ incident: ['--incident', '../INC-7'] }),
    [/is not a valid incident id/, /letters, digits/],
  ],
  ['an incident that starts with a dot', run({ incident: ['--incident', '.hidden'] }), [/is not a valid incident id/]],
  ['no reason', run({ reason: [] }), [/--reason TEXT/]],
  [
    'an empty reason',
    run({ reason: ['--reason', '  '] }),
    [/--reason is empty\nhint: type a few words: they appear in the record\n/],
  ],
  ['no terminal and no --yes', run({ more: ['--sandbox', 'conformant'] }), [/no terminal to ask for consent/, /--yes/]],
])('%s is bad usage, and nothing is written', { timeout: 240_000 }, async (_, argv, said) => {
  const { exit, stdout, stderr } = await desk.breakglass(argv.length > 0 ? [...argv, '--logs', desk.logs] : [])
  for (const words of said) expect(stdout + stderr).toMatch(words)
  expect(stderr).not.toMatch(/^ {4}at /m)
  expect(exit).toBe(2)
  expect(readdirSync(desk.logs)).toEqual([])
  expect(readdirSync(desk.folder).sort()).toEqual(expectedFiles)
})
