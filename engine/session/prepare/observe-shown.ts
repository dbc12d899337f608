import { observeAll, onePass } from '../../plan/observe.ts'
import type { PlannedStep } from '../../plan/types.ts'
import { Interrupted } from '../../run/model/host.ts'
import { differencesOf } from '../../steps/compare.ts'
import { describeObserved } from '../../steps/describe.ts'
import { masked } from '../../steps/masked.ts'
import { readOnly } from '../../steps/read-only.ts'
import type { BoundStep, Expectation, Observation } from '../../steps/types.ts'
import type { World } from '../../steps/world.ts'
import type { Progress } from '../../terminal/progress.ts'
import type { Cloud, Runtime } from '../host/runtime.ts'
import { refuseSensitive } from './refuse-sensitive.ts'

/** Observes steps in parallel, each command once, and shows each result as it arrives. */
export async function observeShown(
  steps: BoundStep[],
  cloud: Cloud,
  progress: Progress,
  runtime: Runtime,
): Promise<PlannedStep[]> {
  const started = runtime.now().getTime()
  progress.start(steps.map(({ key, title }) => ({ key, title })))
  const planned = await observeAll(
    steps,
    onePass(untilStopped(readOnly(cloud.world), runtime), runtime.width),
    (step) => {
      const mark = { conformant: 'ok', drift: 'drift', unknown: 'unknown', unseen: 'unseen' } as const
      progress.end(step.key, step.title, mark[step.status], noteOn(step), {
        durationMs: runtime.now().getTime() - started,
      })
    },
  ).finally(() => progress.close())
  if (runtime.stopping.aborted) throw new Interrupted()
  // A secret may have been read after another step's text that contains it.
  const shown = planned.map((step) => ({ ...step, observation: masked(step.observation, cloud.world) }))
  refuseSensitive({ steps: shown }, cloud)
  return shown
}

/**
 * Returns what is printed after a title: what was found instead. Only names are printed: values are shown once it is known
 * that they contain no secret.
 */
function noteOn({ status, observation, expectation, note }: PlannedStep): string {
  const found = status === 'drift' || status === 'unknown' ? [foundOf(observation, expectation)] : []
  return [...found, ...(note === undefined ? [] : [note])].join('; ')
}

function foundOf(observation: Observation, expectation: Expectation): string {
  if (observation.state !== 'value') return describeObserved(observation, expectation)
  if (expectation === 'absent') return 'present, but must be absent'
  const names = differencesOf(observation, expectation).map(({ name }) => name)
  return `differs: ${names.join(', ')}`
}

/** Returns the same world until the person stops the run: after that no command starts, and observing ends. */
function untilStopped(world: World, { stopping }: Runtime): World {
  return {
    ...world,
    async gcloud(call) {
      if (stopping.aborted) throw new Interrupted()
      return world.gcloud(call)
    },
  }
}
