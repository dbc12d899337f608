import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeCommands } from '../../engine/cli/describe-commands.ts'
import type { CommandData } from '../../engine/report/completion/command-data.ts'
import { EXIT } from '../../engine/session/exit-codes.ts'
import type { Runtime } from '../../engine/session/host/runtime.ts'
import { lifetimeOf } from '../../engine/session/saved-plan/save-plan.ts'
import { root } from './blocks.ts'

const commands = await describeCommands({} as Runtime)

/** Every sentence of the help texts, with the commands that say it. */
const sentences = new Map<string, string[]>()
const collect = (command: CommandData, path: string) => {
  const texts = [command.summary, ...[...command.arguments, ...command.options].map(({ summary }) => summary)]
  for (const text of texts) sentences.set(text, [...(sentences.get(text) ?? []), path])
  for (const own of command.commands) collect(own, `${path} ${own.name}`)
}
for (const command of commands) collect(command, command.name)

/** What says something of all cases, of an exit code or of a number: it must hold, so a test holds it. */
const FLAT = /\b(never|always|every|all|any|once|only|no|none|nothing|exits? \d|exit code|not 0|default: [0-9])\b/

/** A flat sentence, and the test that fails where it is not so: a file and words of its title. */
const HELD: Record<string, [file: string, title: string]> = {
  'reach Google Cloud through this HTTP or SOCKS5 proxy, or through `none`, whatever the inventory says': [
    'access/live.test.ts',
    'gcloud gets what is named and nothing of the caller',
  ],
  'trust the certificate authorities in this PEM file, and no others': [
    'access/live.test.ts',
    'gcloud gets what is named and nothing of the caller',
  ],
  'the folder (default: this one); files that are there already are never touched': [
    'cli/init.test.ts',
    'what is there already stays byte for byte',
  ],
  "make its steps from a script's gcloud commands; the script is read, never run": [
    'author/from-shell.test.ts',
    'what only a shell works out',
  ],
  'files (default: all of the workspace)': ['cli/watch.test.ts', 'lies in a new folder'],
  "also ask gcloud's own parser about every command line that the environments bind": [
    'cli/validate.test.ts',
    '--deep',
  ],
  'check runbooks, inventory and scenarios; every problem with its place': [
    'command-line/several.test.ts',
    'one that can not be read hides no other',
  ],
  'observe only; exits 3 on drift; of several environments, the worst result is the exit code': [
    'gates/environments.test.ts',
    'fails midway',
  ],
  'run no script of a runbook; what a script would read is then unknown, and the exit code is not 0': [
    'script/no-scripts.test.ts',
    'has an error, and no case that passed',
  ],
  'save the plan, for `run --plan`; it holds no secret, and is used once among the logs of one logs folder': [
    'saved-plans/used.test.ts',
    'in one logs folder, and nothing is known of another',
  ],
  'carry out a saved plan, and nothing else: it says runbooks, environment and inputs': [
    'saved-plans/refused.test.ts',
    'what is said beside the plan must be what it says',
  ],
  'no questions: consent to what the plan shows': ['incident/rehearsal.test.ts', ''],
  'no questions: consent to what the plan showed': ['resume/command-line.test.ts', 'an undo takes back one step'],
  'no questions: take back what is still as the change left it': ['resume/whole-undo.test.ts', ''],
  'no question: you have seen what you sign': ['run/approve.test.ts', ''],
  'no question: you have seen what you sign for': ['approvals/solo.test.ts', ''],
  'only this step, by the key that the plan and the log name': [
    'resume/command-line.test.ts',
    'an undo takes back one step',
  ],
  'only what this run has changed (default: all runs in the environment of the last)': [
    'resume/whole-undo.test.ts',
    '',
  ],
  'scenarios, by name or file (default: all of the workspace that expect something)': [
    'command-line/several.test.ts',
    'names the scenarios of the workspace that expect nothing',
  ],
  "write a scenario that starts from what is there now, without any secret's payload": [
    'scenarios/snapshot.test.ts',
    'no payload of a secret',
  ],
  'write nothing; exits 3 where what is there says otherwise': ['gates/contract.test.ts', 'with --check exits 3'],
  "hold Cloud Audit Logs against the incident's log; exits 3 where they differ": [
    'reconcile/command.test.ts',
    'is found, exactly that one: 3',
  ],
  'say which statements of a record the log does not support; nothing is written': [
    'proof/record.test.ts',
    'a record is held against its log',
  ],
  'fail unless a checkpoint that was kept elsewhere covers every entry': [
    'proof/tamper.test.ts',
    'nobody without the key can sign it anew',
  ],
  'pack all that somebody needs who checks it elsewhere into one archive': [
    'proof/archive.test.ts',
    'an archive is verified where there is nothing else',
  ],
  'prove that one entry is in the log, without showing any other': [
    'proof/archive.test.ts',
    'one entry is proved to somebody who sees no other',
  ],
  'write every request to a file, a JSON object a line': [
    'incident/sandbox-session.test.ts',
    'each request that changes something arrives',
  ],
  'start gcloud anew for each command, and keep none loaded': ['warm/ways.test.ts', 'a command that runs %s'],
  'after --: a command to run in the sandbox; its exit code is the answer': [
    'incident/sandbox-session.test.ts',
    'the exit code of the command in the sandbox is the answer',
  ],
  'print it in this form; html is one page that needs nothing else': [
    'proof/record.test.ts',
    'a record is held against its log',
  ],
}

describe('what the help says is so', () => {
  const flat = [...sentences.keys()].filter((text) => FLAT.test(text))

  test('a flat sentence is held by a test', () => {
    expect(flat.filter((text) => !Object.hasOwn(HELD, text) && !Object.hasOwn(NUMBERS, text))).toEqual([])
  })

  test.each(Object.entries(HELD))('%s', (text, [file, title]) => {
    expect([...sentences.keys()]).toContain(text)
    expect(readFileSync(join(root, 'tests', file), 'utf8')).toContain(title)
  })

  test('no help says that a plan is used once, and leaves out where', () => {
    for (const text of sentences.keys()) if (/used once/.test(text)) expect(text).toContain('one logs folder')
  })
})

/** The numbers that the help names, and what they are. */
const NUMBERS: Record<string, () => void> = {
  'how long a saved plan is good for, such as 30m or 2h (default: 1h)': () =>
    expect(lifetimeOf({ out: 'plan.json' })).toBe(3_600_000),
  "how many faults are drawn (default: the scenario's own count, else 3); without --fault-seed, the scenario's own seed is taken, else a random one, and named":
    () =>
      expect(readFileSync(join(root, 'engine/sandbox/faults/random-faults.ts'), 'utf8')).toContain('usualCount = 3\n'),
}

test.each(Object.entries(NUMBERS))('%s', (text, holds) => {
  expect([...sentences.keys()]).toContain(text)
  holds()
})

test('an exit code that the help names is the one that it means', () => {
  for (const text of sentences.keys())
    for (const [, code] of text.matchAll(/exits (\d+)/g)) expect(Number(code)).toBe(EXIT.drift)
})
