import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'
import { type Answer, jsonAnswer } from './model/answer.ts'
import type { Clock } from './model/clock.ts'
import type { RequestEntry } from './model/request-log.ts'
import type { World } from './model/world.ts'
import { snapshot } from './scenario/snapshot.ts'
import { OPERATOR } from './services/audit-log.ts'

/** What the control paths report on. */
export type Control = {
  world: World
  requests: RequestEntry[]
  scenarioName: string
  inventory?: string
  /** The faults drawn from a seed, one line each, for people. */
  drawn: string[]
  token: string
}

/** Answers the sandbox's own paths, which are not part of the simulated cloud: its identity, state, request log and clock. */
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
        ...(about.drawn.length > 0 && { drawn: about.drawn }),
        token: about.token,
        account: OPERATOR,
        now: new Date(world.clock.now()).toISOString(),
      })
    case 'GET /sandbox/state':
      return jsonAnswer(snapshot(world))
    case 'GET /sandbox/requests':
      return jsonAnswer(requests as Json)
    case 'POST /sandbox/clock': {
      if (!moveClock(world.clock, body))
        return jsonAnswer(
          { message: 'Send {"advanceMs": n} in milliseconds, or {"advanceTo": t} as an ISO time.' },
          400,
        )
      return jsonAnswer({ now: new Date(world.clock.now()).toISOString() })
    }
    default:
      return jsonAnswer({ message: `The sandbox has no ${verb} ${path}.` }, 404)
  }
}

/** Moves the clock as a request body asks; returns false if the body is invalid. */
function moveClock(clock: Clock, body: string): boolean {
  const { advanceMs, advanceTo } = objectIn(body)
  const due = typeof advanceTo === 'string' ? Date.parse(advanceTo) : Number.NaN
  if (Number.isFinite(due)) clock.advanceTo(due)
  else if (typeof advanceMs === 'number' && Number.isFinite(advanceMs) && advanceMs >= 0) clock.advance(advanceMs)
  else return false
  return true
}

function objectIn(body: string): JsonObject {
  try {
    const given = JSON.parse(body) as Json
    return isJsonObject(given) ? given : {}
  } catch {
    return {}
  }
}
