import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { root } from './source-tree.ts'

/** A member to add to a closed list: what it is inserted after, by file, and the files that must then handle it. */
type Probe = { added: string; inserts: { file: string; after: string; text: string }[]; handledIn: string[] }

const PROBES: Probe[] = [
  {
    added: 'step kind',
    inserts: [
      {
        file: 'engine/runbook/types.ts',
        after: 'export type StepTemplate =\n',
        text: "  | (StepCommon & { kind: 'probe' })\n",
      },
      {
        file: 'engine/steps/types.ts',
        after: 'export type BoundStep =\n',
        text: "  | (BoundCommon & { kind: 'probe' })\n",
      },
    ],
    handledIn: [
      'engine/gcloud/preflight/needs.ts',
      'engine/plan/bind-step.ts',
      'engine/report/pages/step-facts.ts',
      'engine/runbook/lint/runbook.ts',
      'engine/runbook/step-kinds.ts',
      'engine/steps/index.ts',
    ],
  },
  {
    added: 'run event',
    inserts: [
      {
        file: 'engine/run/model/events.ts',
        after: 'export type RunEvent =\n',
        text: "  | { type: 'step.probed'; body: { step: string } }\n",
      },
    ],
    handledIn: [
      'engine/audit/verify-story.ts',
      'engine/record/timeline.ts',
      'engine/run/model/fold-runs.ts',
      'engine/run/model/step-state.ts',
    ],
  },
  {
    added: 'step status',
    inserts: [{ file: 'engine/run/model/step-status.ts', after: 'export type StepStatus =\n', text: "  | 'probed'\n" }],
    handledIn: [
      'engine/record/summary.ts',
      'engine/record/unfinished.ts',
      'engine/run/ending.ts',
      'engine/run/model/step-status.ts',
      'engine/run/resume.ts',
      'engine/session/show-progress.ts',
    ],
  },
]

/** Returns the files of a copy of the engine that don't compile once the inserts are made. */
async function filesWithErrors({ inserts }: Probe): Promise<string[]> {
  const copy = mkdtempSync(join(tmpdir(), 'closed-lists-'))
  try {
    for (const name of ['engine', 'schemas', 'package.json', 'tsconfig.json'])
      cpSync(join(root, name), join(copy, name), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
    for (const { file, after, text } of inserts) {
      const before = readFileSync(join(copy, file), 'utf8')
      expect(before).toContain(after)
      writeFileSync(join(copy, file), before.replace(after, after + text))
    }
    const tsc = join(root, 'node_modules/.bin/tsc')
    const { stdout } = await promisify(execFile)(tsc, ['-p', '.', '--pretty', 'false'], { cwd: copy }).catch(
      (error: { stdout: string }) => error,
    )
    return [...new Set([...stdout.matchAll(/^(\S+?)\(\d+,\d+\): error/gm)].map(([, file = '']) => file))].sort()
  } finally {
    rmSync(copy, { recursive: true })
  }
}

test.concurrent.each(PROBES.map((probe) => [probe.added, probe.handledIn.length, probe] as const))(
  'a new %s is a type error until it is handled, in %i files',
  { timeout: 60_000 },
  async (_, __, probe) => {
    expect(await filesWithErrors(probe)).toEqual(probe.handledIn)
  },
)
