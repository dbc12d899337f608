import { isJsonObject, type Json } from '../runbook/json.ts'
import { type Answer, jsonAnswer } from './answer.ts'
import type { RequestEntry } from './request-log.ts'
import { snapshot } from './snapshot.ts'
import type { World } from './world.ts'

/** What the control paths speak about. */
export type Control = {
  world: World
  requests: RequestEntry[]
  scenarioName: string
  inventory?: string
  token: string
}

/** Answers the sandbox's own paths, which stand beside the simulated cloud: what it is, its state, its request log and its clock. */
export function controlAnswer(
  { world, requests, ...about }: Control,
  verb: string,
  path: string,
  body: string,
): Answer {
  switch (`${verb} ${path}`) {
    case 'GET /sandbox':
      return jsonAnswer({
        name: 'breakglass sandbox',
        scenario: about.scenarioName,
        ...(about.inventory !== undefined && { inventory: about.inventory }),
        token: about.token,
        now: new Date(world.clock.now()).toISOString(),
      })
    case 'GET /sandbox/state':
      return jsonAnswer(snapshot(world))
    case 'GET /sandbox/requests':
      return jsonAnswer(requests as Json)
    case 'POST /sandbox/clock': {
      const ms = advanceMs(body)
      if (ms === undefined)
        return jsonAnswer({ message: 'Give {"advanceMs": n}, with n a number of milliseconds.' }, 400)
      world.clock.advance(ms)
      return jsonAnswer({ now: new Date(world.clock.now()).toISOString() })
    }
    default:
      return jsonAnswer({ message: `The sandbox has no ${verb} ${path}.` }, 404)
  }
}

function advanceMs(body: string): number | undefined {
  try {
    const given = JSON.parse(body) as Json
    const ms = isJsonObject(given) ? given.advanceMs : undefined
    return typeof ms === 'number' && Number.isFinite(ms) && ms >= 0 ? ms : undefined
  } catch {
    return undefined
  }
}
