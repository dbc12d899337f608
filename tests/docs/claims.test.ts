import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeCommands } from '../../engine/cli/describe-command.ts'
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
  'Use this HTTP or SOCKS5 proxy, or `none`, whatever the inventory says': [
    'access/live.test.ts',
    'gcloud gets what is named and nothing of the caller',
  ],
  'Trust only the certificate authorities in this PEM file': [
    'access/live.test.ts',
    'gcloud gets what is named and nothing of the caller',
  ],
  'Folder of the workspace (default: this one); existing files are never changed': [
    'cli/init.test.ts',
    'what is there already stays byte for byte',
  ],
  'Script whose gcloud commands become steps; it is read, never run': [
    'author/from-shell.test.ts',
    'what only a shell can evaluate',
  ],
  'Files to check (default: all files of the workspace)': ['cli/watch.test.ts', 'lies in a new folder'],
  "Also check every bound command line with gcloud's own parser": ['cli/validate.test.ts', '--deep'],
  'Environment of the inventory; for several, repeat it or separate them with commas; the worst result is the exit code':
    ['gates/environments.test.ts', 'fails midway'],
  'Skip the scripts of runbooks: their steps are unknown, and the exit code is not 0': [
    'script/no-scripts.test.ts',
    'has an error, and no case that passed',
  ],
  'Save the plan for `run --plan`; it holds no secret, and runs only once in one logs folder': [
    'saved-plans/used.test.ts',
    'in one logs folder, and nothing is known of another',
  ],
  'Ask no questions: consent to the plan as shown': ['incident/rehearsal.test.ts', ''],
  'Ask no questions: undo every change that is still as the run left it': ['resume/whole-undo.test.ts', ''],
  'Ask no question: you have reviewed what you sign': ['run/approve.test.ts', ''],
  'Undo only this step, by the key that the plan and the log show': [
    'resume/command-line.test.ts',
    'an undo takes back one step',
  ],
  'Undo only the changes of this run (default: all runs in the environment of the last one)': [
    'resume/whole-undo.test.ts',
    '',
  ],
  'Names or files of scenarios (default: all of the workspace that have `expected`)': [
    'command-line/several.test.ts',
    'names the scenarios of the workspace that expect nothing',
  ],
  'Show every step of the plan in full, with its commands': ['terminal/terminal.test.ts', 'full'],
  'Write nothing, and exit 3 if a document is out of date': ['gates/contract.test.ts', 'with --check exits 3'],
  'Report the statements of a record that the log does not support; write nothing': [
    'proof/record.test.ts',
    'a record is held against its log',
  ],
  'Fail unless a checkpoint kept elsewhere covers every entry': [
    'proof/tamper.test.ts',
    'nobody without the key can sign it anew',
  ],
  'Pack the log and all evidence into one archive': [
    'proof/archive.test.ts',
    'an archive is verified where there is nothing else',
  ],
  'Prove that one entry is in the log without showing any other': [
    'proof/archive.test.ts',
    'one entry is proved to somebody who sees no other',
  ],
  'Write every request to a file, as one JSON object per line': [
    'incident/sandbox-session.test.ts',
    'each request that changes something arrives',
  ],
  'Start a new gcloud for each command instead of keeping one loaded': ['warm/ways.test.ts', 'a command that runs %s'],
  'After --: command to run in the sandbox; its exit code becomes the exit code': [
    'incident/sandbox-session.test.ts',
    'the exit code of the command in the sandbox is the answer',
  ],
  'Format of the output; only markdown is written to record.md': [
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
    for (const text of sentences.keys()) if (/only once/.test(text)) expect(text).toContain('one logs folder')
  })
})

/** The numbers that the help names, and what they are. */
const NUMBERS: Record<string, () => void> = {
  'How long a saved plan stays valid, such as 30m or 2h (default: 1h)': () =>
    expect(lifetimeOf({ out: 'plan.json' })).toBe(3_600_000),
  "Number of random faults (default: the scenario's, else 3)": () =>
    expect(readFileSync(join(root, 'engine/sandbox/faults/random-faults.ts'), 'utf8')).toContain('usualCount = 3\n'),
}

test.each(Object.entries(NUMBERS))('%s', (text, holds) => {
  expect([...sentences.keys()]).toContain(text)
  holds()
})

test('an exit code that the help names is the one that it means', () => {
  for (const text of sentences.keys())
    for (const [, code] of text.matchAll(/exits? (\d+)/g)) expect(Number(code)).toBe(EXIT.drift)
})
