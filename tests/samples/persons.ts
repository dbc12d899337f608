import { toRecord } from '../../engine/record/markdown.ts'
import { modelOf } from '../../engine/record/model.ts'
import type { RunEvent } from '../../engine/run/model/events.ts'
import { foldRuns } from '../../engine/run/model/fold-runs.ts'
import type { Statement } from '../../engine/run/model/host.ts'
import type { BoundStep } from '../../engine/steps/types.ts'
import { type Cloud, type Misbehaviour, modelCloud, type Options, runModel } from './model-world.ts'

/** The types of events, in their order. */
export const types = (events: RunEvent[]) => events.map(({ type }) => type)
/** What somebody says in their own words. */
export const yes = (words: string): Statement => ({ says: 'yes', words })
export const no = (words: string): Statement => ({ says: 'no', words })

/** Carries out a run over a model cloud; answers all that happened, and what became of each step. */
export const run = async (
  steps: BoundStep[],
  resources: Record<string, Misbehaviour> | Cloud,
  options: Partial<Options> = {},
) => {
  const cloud = 'world' in resources ? (resources as Cloud) : modelCloud(resources as Record<string, Misbehaviour>)
  const ran = await runModel([], { cloud, steps, decide: () => ({ choice: 'by-hand' }), ...options })
  const [folded] = foldRuns(ran.entries)
  return { cloud, ...ran, statuses: [...folded!.steps.values()].map(({ status }) => status) }
}
/** The record of some entries, without the numbers of those that say it. */
export const record = (entries: Parameters<typeof modelOf>[0]) =>
  toRecord(modelOf(entries), { size: entries.length, hash: 'f'.repeat(64) }).replaceAll(/\s*<!--.*?-->/g, '')
