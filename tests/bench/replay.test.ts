import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { median } from '../../bench/figure.ts'
import { ansiblePlaybook, bashScript, writtenDown } from '../../bench/replay.ts'
import type { Entry } from '../../engine/audit/entry.ts'

const folder = mkdtempSync(join(tmpdir(), 'replay-'))
afterAll(() => rmSync(folder, { recursive: true }))

const ran = (argv: string, exitCode = 0) => ({
  argv: argv.split(' '),
  project: 'p-1',
  way: 'warm' as const,
  exitCode,
  durationMs: 1,
})
const entries = [
  { body: { commands: [ran("run services describe it's"), ran('things describe none', 1)] } },
  { body: {} },
  {
    body: { commands: [ran('secrets versions access 3 --secret=KEY'), ran('secrets versions add KEY --data-file=-')] },
  },
] as unknown as Entry[]

/** Runs the script with a gcloud that notes what it was asked and given, and fails for the word `none`. */
function runScript(text: string): { exit: number | null; asked: string[] } {
  const asked = join(folder, 'asked')
  writeFileSync(asked, '')
  writeFileSync(
    join(folder, 'gcloud'),
    `#!/bin/sh\ncase "$*" in *data-file*) given=" < $(cat)";; *access*) echo value;; esac\necho "$*$given" >> ${asked}\ncase "$*" in *none*) exit 1;; esac\n`,
    { mode: 0o755 },
  )
  const { status } = spawnSync('bash', ['-c', text], { env: { PATH: `${folder}:/usr/bin:/bin` } })
  return { exit: status, asked: readFileSync(asked, 'utf8').trim().split('\n') }
}

test('the script runs what the log has, in its order, a value piped from its read into its write', () => {
  expect(runScript(bashScript(writtenDown(entries)))).toEqual({
    exit: 0,
    asked: [
      "run services describe it's --project=p-1 --format=json --quiet",
      'things describe none --project=p-1 --format=json --quiet',
      'secrets versions access 3 --secret=KEY --project=p-1 --quiet',
      'secrets versions add KEY --data-file=- --project=p-1 --format=json --quiet < value',
    ],
  })
})

test('the script checks for errors: it ends at the first command that ends otherwise', () => {
  const other = [{ body: { commands: [ran('a'), ran('things describe none'), ran('b')] } }] as unknown as Entry[]
  const { exit, asked } = runScript(bashScript(writtenDown(other)))
  expect([exit, asked.length]).toEqual([1, 2])
})

test('the playbook has the same commands', () => {
  const [{ tasks }] = JSON.parse(ansiblePlaybook(writtenDown(entries)))
  expect(tasks.map((task: Record<string, { argv: string[] }>) => task['ansible.builtin.command']?.argv[1])).toEqual([
    'run',
    'things',
    'secrets',
    'secrets',
  ])
})

test('a median is the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([])]).toEqual([2, 2.5, 0])
})
