import { resolve } from 'node:path'
import type { Command } from 'commander'
import { UserError } from '../../base/problem.ts'
import { refuseTaken } from '../../disk/handed-file.ts'
import { planDigest } from '../../plan/digest.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { announce, progressFor } from '../../session/host/announce.ts'
import type { CloudOptions } from '../../session/host/options.ts'
import { emit, printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { observeShown } from '../../session/prepare/observe-shown.ts'
import { makePlan, prepare } from '../../session/prepare/prepare.ts'
import { lifetimeOf, savableSources, savePlan } from '../../session/saved-plan/save-plan.ts'
import { detailOf, planVerdict, previewSteps } from '../../terminal/preview.ts'
import type { Context } from '../command.ts'
import { addCloudOptions, environmentOption, inputOption, noScriptsOption, verboseOption } from '../options.ts'

type PlanOptions = CloudOptions & { out?: string; expires?: string; verbose?: boolean }

/** `breakglass plan RUNBOOK… --env E [--out F]`: observes, and shows the differences and the exact commands; changes nothing. */
export function define(command: Command, { runtime, exit }: Context): void {
  addCloudOptions(command)
    .argument('<runbook...>', 'Names or files of runbooks')
    .addOption(environmentOption('required'))
    .addOption(inputOption())
    .addOption(noScriptsOption())
    .addOption(verboseOption())
    .option('--out <file>', 'Save the plan for `run --plan`; it holds no secret, and runs only once in one logs folder')
    .option('--expires <duration>', 'How long a saved plan stays valid, such as 30m or 2h (default: 1h)')
    .action(async (runbooks: string[], options: PlanOptions) => exit(await plan({ ...options, runbooks }, runtime)))
}

async function plan(request: PlanOptions & { runbooks: string[] }, runtime: Runtime): Promise<number> {
  const print = printer(request.json, runtime)
  const lifetimeMs = lifetimeOf(request)
  const file = request.out === undefined ? undefined : resolve(runtime.cwd, request.out)
  if (file !== undefined) await refuseTaken({ what: 'a plan', path: file, name: request.out ?? '' })
  const prepared = await prepare(request, runtime)
  try {
    if (file !== undefined) savableSources(prepared)
    announce(prepared.cloud, print, runtime)
    const steps = await observeShown(prepared.steps, prepared.cloud, progressFor(request.json, print, runtime), runtime)
    const made = makePlan(prepared, steps)
    print('')
    print(previewSteps(made, prepared.cloud.name, runtime.terminal, detailOf(request)))
    const unknown = steps.some(({ status }) => status === 'unknown')
    if (unknown && file !== undefined)
      throw new UserError(
        'the plan was not saved, because some steps could not be read',
        'fix the cause, then run this again',
        1,
      )
    const saved =
      file === undefined ? undefined : await savePlan(made, prepared, { ...request, file, lifetimeMs }, runtime)
    print(planVerdict(made, prepared.cloud.name, runtime.terminal))
    if (request.json)
      emit(
        {
          cloud: prepared.cloud.name,
          ...(prepared.cloud.access ? { access: prepared.cloud.access } : {}),
          digest: planDigest(made),
          plan: made,
          ...(saved ? { saved } : {}),
        },
        runtime,
      )
    return unknown ? EXIT.failed : EXIT.done
  } finally {
    await prepared.cloud.close()
  }
}
