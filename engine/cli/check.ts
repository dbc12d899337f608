import type { Command } from 'commander'
import { EXIT } from '../exit-codes.ts'
import type { PlannedStep } from '../plan/types.ts'
import { describeBackfill, observeBackfill } from '../run/backfill.ts'
import { printable } from '../runbook/printable.ts'
import { describeObserved } from '../steps/describe.ts'
import { painter } from '../terminal/screen.ts'
import { openItems } from './open-items.ts'
import { type CloudOptions, makeCloudCommand } from './options.ts'
import type { Outside } from './outside.ts'
import { observeShown, prepare } from './prepare.ts'
import { logsFolder } from './record.ts'
import { announce, emit, progressFor, type Say, sayer } from './screen.ts'

/** `breakglass check RUNBOOK… --env E`: observes steps and checks, changes nothing; 3 on drift. */
export function define(outside: Outside, exit: (code: number) => void): Command {
  return makeCloudCommand('check', 'observe only; exits 3 on drift')
    .argument('<runbook...>', 'runbooks, by name or file')
    .option('--repo <dir>', 'a checkout of the repository: what it still owes counts as drift')
    .action(async (runbooks: string[], options: CloudOptions) => exit(await check({ ...options, runbooks }, outside)))
}

async function check(request: CloudOptions & { runbooks: string[] }, outside: Outside): Promise<number> {
  const say = sayer(request.json, outside)
  const prepared = await prepare(request, outside)
  try {
    announce(prepared.cloud, say, outside)
    const seen = await observeShown(
      [...prepared.steps, ...prepared.checks],
      prepared.cloud,
      progressFor(request.json, say, outside),
      outside,
    )
    const { environment } = prepared
    const backfill = prepared.repository ? await observeBackfill(prepared.backfill, prepared.repository) : []
    report(seen, backfill, say, outside)
    const open = await openItems(logsFolder(request, outside), prepared.cloud.name)
    for (const { says } of open) say(painter(outside.terminal.colour)('notice', printable(`open     ${says}`)))
    const code = exitCode(seen, backfill)
    if (request.json)
      emit(
        {
          environment: environment.name,
          project: environment.project,
          cloud: prepared.cloud.name,
          exitCode: code,
          steps: seen,
          backfill,
          open,
        },
        outside,
      )
    return code
  } finally {
    await prepared.cloud.close()
  }
}

type Backfill = Awaited<ReturnType<typeof observeBackfill>>

/** Drift that was seen is drift, whatever else could not be told; what could not be told is never conformant. */
function exitCode(seen: PlannedStep[], backfill: Backfill): number {
  const drifted = seen.some(({ status }) => status === 'drift') || backfill.some(({ status }) => status === 'owed')
  if (drifted) return EXIT.drift
  const unknown =
    seen.some(({ status }) => status === 'unknown') || backfill.some(({ status }) => status === 'unchecked')
  return unknown ? EXIT.failed : EXIT.done
}

function report(seen: PlannedStep[], backfill: Backfill, say: Say, outside: Outside): void {
  const paint = painter(outside.terminal.colour)
  const of = (status: PlannedStep['status']) => seen.filter((step) => step.status === status)
  const [drifted, unknown] = [of('drift'), of('unknown')]
  if (drifted.length + unknown.length > 0) say('')
  const seenOf = ({ key, observation, expectation, note }: PlannedStep) =>
    `${key}: ${describeObserved(observation, expectation)}${note === undefined ? '' : `; ${note}`}`
  for (const step of unknown) say(paint('bad', printable(`unknown  ${seenOf(step)}`)))
  for (const step of drifted) say(paint('warn', printable(`drift    ${seenOf(step)}`)))
  for (const point of backfill.filter(({ status }) => status !== 'implemented'))
    say(paint('warn', printable(`${point.status.padEnd(8)} ${point.file}: ${describeBackfill(point)}`)))
  say('')
  say(`${of('conformant').length} conformant, ${drifted.length} drifted, ${unknown.length} unknown.`)
  if (drifted.length > 0) say('Next: `breakglass plan` shows what would set it right.')
}
