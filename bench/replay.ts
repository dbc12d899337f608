import type { Entry } from '../engine/audit/entry.ts'
import { fullArgv } from '../engine/gcloud/argv.ts'
import type { RanCommand } from '../engine/steps/world.ts'

/** One gcloud command of an incident as somebody would write it down: its argv, how it must end, and whose output is piped into it. */
export type Written = { argv: string[]; exit: number | 'either'; from?: string[]; afterWait?: true }

/**
 * The commands of a rehearsal, in their order, out of its log: what a script of the same reads and writes runs. A read
 * that is repeated until it has settled comes after a wait, and may end either way.
 */
export const writtenDown = (entries: Entry[]): Written[] =>
  entries.flatMap(({ body }) => writtenIn(body.commands ?? []))

function writtenIn(ran: RanCommand[]): Written[] {
  const seen = new Set<string>()
  return ran.flatMap((command, index): Written[] => {
    const argv = ['gcloud', ...fullArgv(command)]
    const repeated = ran.filter((other) => fullArgv(other).join(' ') === fullArgv(command).join(' ')).length > 1
    const again = seen.has(argv.join(' '))
    seen.add(argv.join(' '))
    const written: Written = {
      argv,
      exit: repeated ? 'either' : (command.exitCode ?? 1),
      ...(again ? { afterWait: true } : {}),
    }
    const [before, after] = [ran[index - 1], ran[index + 1]]
    // A value that is read only to be written is one line of a script.
    if (after && takesStdin(after)) return []
    if (!before || !takesStdin(command)) return [written]
    // Without a format gcloud prints the value itself.
    return [{ ...written, from: ['gcloud', ...before.argv, `--project=${before.project}`, '--quiet'] }]
  })
}

const takesStdin = ({ argv }: RanCommand): boolean => argv.includes('--data-file=-')

/** Waiting by the sandbox's clock, which costs none of the ways any time. */
const WAIT = `curl --silent --noproxy '*' --data '{"advanceMs":5000}' "$BREAKGLASS_SANDBOX/sandbox/clock"`

const quoted = (argv: string[]): string => argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')

/** A plain bash script that ends at the first command that does not end as it must. */
export const bashScript = (written: Written[]): string =>
  [
    '#!/bin/bash',
    'set -euo pipefail',
    'ERRORS=$(mktemp)',
    'trap \'rm -f "$ERRORS"\' EXIT',
    'must() {',
    '  local code=$1 got=0; shift',
    '  "$@" > /dev/null 2> "$ERRORS" || got=$?',
    '  if [ "$code" != either ] && [ "$got" != "$code" ]; then echo "$*: $got, not $code"; cat "$ERRORS"; exit 1; fi',
    '}',
    ...written.flatMap(({ argv, exit, from, afterWait }) => [
      ...(afterWait ? [`${WAIT} > /dev/null`] : []),
      `${from ? `${quoted(from)} | ` : ''}must ${exit} ${quoted(argv)}`,
    ]),
    '',
  ].join('\n')

/** The same as an Ansible playbook, in JSON, which is YAML. */
export const ansiblePlaybook = (written: Written[]): string =>
  JSON.stringify([{ hosts: 'localhost', connection: 'local', gather_facts: false, tasks: written.flatMap(tasksFor) }])

function tasksFor({ argv, exit, from, afterWait }: Written, index: number): object[] {
  const value = `value${index}`
  const input = from ? { stdin: `{{ ${value}.stdout }}`, stdin_add_newline: false } : {}
  return [
    ...(afterWait ? [{ 'ansible.builtin.shell': WAIT }] : []),
    ...(from ? [task({ argv: from }, value, 0)] : []),
    task({ argv, ...input }, `result${index}`, exit),
  ]
}

const task = (command: object, register: string, exit: Written['exit']): object => ({
  'ansible.builtin.command': command,
  register,
  failed_when: exit === 'either' ? false : `${register}.rc != ${exit}`,
})
