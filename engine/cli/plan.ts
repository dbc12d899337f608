import type { Command } from 'commander'
import { EXIT } from '../exit-codes.ts'
import { planDigest } from '../plan/digest.ts'
import { previewPlan } from '../terminal/preview.ts'
import { type CloudOptions, makeCloudCommand } from './options.ts'
import type { Outside } from './outside.ts'
import { makePlan, observeShown, prepare } from './prepare.ts'
import { announce, emit, progressFor, sayer } from './screen.ts'

/** `breakglass plan RUNBOOK… --env E`: observes and shows the difference and the exact commands; changes nothing. */
export function define(outside: Outside, exit: (code: number) => void): Command {
  return makeCloudCommand('plan', 'observe, show the difference and the exact commands')
    .argument('<runbook...>', 'runbooks, by name or file')
    .action(async (runbooks: string[], options: CloudOptions) => exit(await plan({ ...options, runbooks }, outside)))
}

async function plan(request: CloudOptions & { runbooks: string[] }, outside: Outside): Promise<number> {
  const say = sayer(request.json, outside)
  const prepared = await prepare(request, outside)
  try {
    announce(prepared.cloud, say, outside)
    const steps = await observeShown(prepared.steps, prepared.cloud, progressFor(request.json, say, outside), outside)
    const made = makePlan(prepared, steps)
    say('')
    say(previewPlan(made, outside.terminal))
    if (request.json) emit({ cloud: prepared.cloud.name, digest: planDigest(made), plan: made }, outside)
    return steps.some(({ status }) => status === 'unknown') ? EXIT.failed : EXIT.done
  } finally {
    await prepared.cloud.close()
  }
}
