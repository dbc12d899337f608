import type { GcloudUsed, Verdict } from '../run/model/events.ts'
import type { Recorded } from '../run/model/recorded.ts'
import type { RunState } from '../run/model/run-state.ts'
import { actingAs } from '../runbook/access.ts'
import { markOf } from '../steps/mark.ts'
import type { Resource } from '../steps/resource.ts'
import type { Action } from '../steps/types.ts'
import { type Effect, effectOf, resourceRead } from './effect.ts'

/** What an intent in the log was to change, by which account, and the period in which it was running. */
export type Intent = {
  /** The number of its entry. */
  entry: number
  effects: Effect[]
  account: string
  /** The mark of its step's requests; missing in logs of earlier versions and if a person made the change. */
  mark?: string
  /** Its step in its run, whose attempts belong together. */
  step?: string
  /** The result according to the log; missing if the log doesn't have it. */
  verdict?: Verdict
  from: number
  /** Missing if the log doesn't say that it ended. */
  to?: number
}

/** Returns all intents of an incident, oldest first, each with its end. A person's concern the resource that their step read. */
export function intentsIn(entries: readonly Recorded[], runs: readonly RunState[]): Intent[] {
  const senders = new Map<string, GcloudUsed>()
  const last = new Map<string, Intent>()
  const intents: Intent[] = []
  for (const event of entries) {
    if (event.type === 'run.opened' || event.type === 'run.resumed') {
      const { gcloud, access } = event.body
      senders.set(event.run, { ...gcloud, account: actingAs(gcloud.account, access) })
    }
    const at = Date.parse(event.time)
    switch (event.type) {
      case 'step.intent': {
        const { step, action, person } = event.body
        const planned = effectsOf(
          action,
          step,
          runs.find(({ run }) => run === event.run),
        )
        // Nobody knows which methods a person called: only those of the planned command are known.
        const effects = person === undefined ? planned : planned.map(({ resource }) => ({ resource }))
        const { account = '', mark } = senders.get(event.run) ?? {}
        const of = `${event.run} ${step}`
        const marked = mark === undefined || person !== undefined ? {} : { mark: markOf(mark, step) }
        const intent = { entry: event.seq, effects, account, ...marked, step: of, from: at }
        intents.push(intent)
        last.set(of, intent)
        break
      }
      case 'step.outcome':
      case 'step.stated':
      case 'step.resolved': {
        const intent = last.get(`${event.run} ${event.body.step}`)
        if (intent) intent.to = at
        if (intent && 'verdict' in event.body) intent.verdict = event.body.verdict
      }
    }
  }
  return intents
}

function effectsOf(action: Action, step: string, run: RunState | undefined): Effect[] {
  const effect = effectOf(action)
  if (effect) return [effect]
  return (run?.steps.get(step)?.planned.targets ?? []).map((target) => ({ resource: resourceRead(target) }))
}

/** Returns each resource that the incident's runs were to fix, whether or not they had to. */
export function resourcesOf(runs: readonly RunState[], intents: readonly Intent[]): Resource[] {
  const planned = runs.flatMap((run) =>
    [...run.steps.values()].flatMap(({ planned: { key, apply } }) => (apply ? effectsOf(apply, key, run) : [])),
  )
  const resources = [...planned, ...intents.flatMap(({ effects }) => effects)].map(({ resource }) => resource)
  return [...new Map(resources.map((resource) => [JSON.stringify(resource), resource])).values()]
}
