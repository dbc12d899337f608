import type { IncomingHttpHeaders } from 'node:http'
import type { JsonObject } from '../base/json.ts'
import { hasNumbers, withNumbers } from './apis/enums.ts'
import type { FoundMethod } from './apis/find-method.ts'
import { projectOf } from './auth.ts'
import { describeFault, type Faults } from './faults/faults.ts'
import { type Answer, jsonAnswer, Refusal } from './model/answer.ts'
import type { Match } from './model/api.ts'
import type { Call } from './model/call.ts'
import type { Fault } from './model/fault.ts'
import type { RequestEntry } from './model/request-log.ts'
import type { World } from './model/world.ts'

/** A proxied request with its whole body. */
export type Request = {
  verb: string
  url: URL
  headers: IncomingHttpHeaders
  body: string
  /** The SDK's method for it, if no simulated API answers. */
  found?: FoundMethod
  /** Why the body can't be read, if it can't. */
  unreadable?: string
  /** Arrival time in ms, by the caller's own clock. */
  at: number
}

/** The simulated cloud that requests reach. */
export type Cloud = { world: World; faults: Faults; token: string }

/** What the request log learns about a request from its destination. */
export type RequestFacts = Pick<
  RequestEntry,
  | 'service'
  | 'rpc'
  | 'resource'
  | 'mutating'
  | 'committed'
  | 'dryRun'
  | 'project'
  | 'fault'
  | 'answered'
  | 'notSimulated'
>

/** Executes a call of a method that the sandbox simulates itself. */
export function execute(world: World, match: Match, call: Call): Answer {
  const { route } = match
  return jsonAnswer(
    'handleAll' in route ? route.handleAll(world, call) : route.handle(world, projectOf(world, match), call),
  )
}

/** Returns an answer with its enum values as the caller asked for them. */
export function encoded(answer: Answer, { url, found }: Request): Answer {
  if (!found || !hasNumbers(url.searchParams) || answer.status >= 400 || answer.body === '') return answer
  const { api, method } = found
  return { ...answer, body: JSON.stringify(withNumbers(api, method.response, JSON.parse(answer.body) as JsonObject)) }
}

/** Returns whether a call gets an audit log entry: not without a login, nor over quota. */
export const isAudited = ({ status }: Answer): boolean => status !== 401 && status !== 429

/** Adds a call's fault to its facts, if it has one. */
export const withFault = (facts: RequestFacts, fault: Fault | undefined): RequestFacts =>
  fault === undefined ? facts : { ...facts, fault: describeFault(fault) }

/** Adds to the facts of a mutating request whether the change was made. */
export const committed = (facts: RequestFacts, done: boolean): RequestFacts =>
  facts.mutating ? { ...facts, committed: done } : facts

/** Returns what an act refuses with, if it does. */
export function refusalOf(act: () => void): Answer | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return error.answer
    throw error
  }
}

/** Returns the answer of an act, which may be its refusal. */
export function answerOf(act: () => Answer): Answer {
  let answer: Answer | undefined
  const refusal = refusalOf(() => {
    answer = act()
  })
  return refusal ?? answer!
}
