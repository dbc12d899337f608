import { type Answer, htmlAnswer } from '../model/answer.ts'
import type { ConcurrentWrite, Fault } from '../model/fault.ts'
import { durationMs } from '../model/scenario.ts'
import type { CallEffects } from '../model/world.ts'

/** What the client receives: an answer, half of one, a broken connection, or nothing. */
export type Reply =
  | { kind: 'answer'; answer: Answer }
  | { kind: 'truncated'; answer: Answer }
  | { kind: 'dropped' }
  | { kind: 'hung' }
  | { kind: 'late'; answer: Answer; afterMs: number }

/** How a fault changes a call: what happens before it, whether it is executed, its delayed effects, and its reply. */
type FaultEffect = {
  before?: true | ConcurrentWrite
  executed: boolean
  /** The API's own refusal of a call that reached it and isn't executed. */
  refusal?: Answer
  later?: CallEffects
  /** Executes the call this much later, in ms. */
  lateMs?: number
  reply(own: Answer | undefined): Reply
}

/** A call that a fault may be injected into. */
export type FaultableCall = {
  /** Executes the call; call it at most once. */
  commit(effects?: CallEffects): Answer
  /** Executes the call this much later, in ms. */
  commitLater(ms: number): void
  /** Lets a concurrent writer change the call's resource. */
  writeConcurrently(write: true | ConcurrentWrite): void
  /** The error answers of the call's API. */
  errors: {
    status(fault: Extract<Fault, { status: number }>): Answer
    apiDisabled(): Answer
    orgPolicy(constraint: string): Answer
  }
}

/** The result of a call: the client's reply, whether the change was made, and the API's own answer if the call reached it. */
export type CallResult = { reply: Reply; committed: boolean; own?: Answer }

/** Executes a call with its fault, if any. */
export function injectFault(fault: Fault | undefined, call: FaultableCall): CallResult {
  const { before, executed, refusal, later, lateMs, reply } =
    fault === undefined ? unchanged : effectOf(fault, call.errors)
  if (before !== undefined) call.writeConcurrently(before)
  if (lateMs !== undefined) call.commitLater(lateMs)
  const done = executed ? call.commit(later) : undefined
  const own = done ?? refusal
  return { reply: reply(done), committed: done !== undefined && done.status < 400, ...(own && { own }) }
}

const answered = (own: Answer | undefined): Reply => ({ kind: 'answer', answer: own! })
const unchanged: FaultEffect = { executed: true, reply: answered }

function effectOf(fault: Fault, errors: FaultableCall['errors']): FaultEffect {
  if ('status' in fault) return refused(errors.status(fault), fault.applied)
  if ('apiDisabled' in fault) return instead(errors.apiDisabled())
  if ('orgPolicy' in fault) return refused(errors.orgPolicy(fault.orgPolicy))
  if ('html' in fault) return instead(htmlAnswer(fault.html, 'Sign in', 'Sign in to this network to continue.'))
  if ('drop' in fault) return { executed: fault.drop === 'after', reply: () => ({ kind: 'dropped' }) }
  if ('hang' in fault) return { executed: fault.applied ?? false, reply: () => ({ kind: 'hung' }) }
  if ('late' in fault)
    return {
      executed: false,
      lateMs: durationMs(fault.late),
      reply: () => ({ kind: fault.reply === 'hang' ? 'hung' : 'dropped' }),
    }
  if ('truncate' in fault) return { executed: true, reply: (own) => ({ kind: 'truncated', answer: own! }) }
  if ('slow' in fault) return { executed: true, reply: late(durationMs(fault.slow)) }
  if ('concurrentWriter' in fault) return { ...unchanged, before: fault.concurrentWriter }
  return { ...unchanged, later: effectsOf(fault) }
}

const instead = (answer: Answer, applied = false): FaultEffect => ({
  executed: applied,
  reply: () => ({ kind: 'answer', answer }),
})

const refused = (answer: Answer, applied?: boolean): FaultEffect => ({ ...instead(answer, applied), refusal: answer })

const late =
  (afterMs: number) =>
  (own: Answer | undefined): Reply => ({ kind: 'late', answer: own!, afterMs })

type Slower = Extract<
  Fault,
  | { readyFalse: string }
  | { readyUnknown: true }
  | { propagation: string }
  | { newAccount: object }
  | { latestLags: string }
>

/** Returns the effects of a fault that executes the call and delays or spoils the result. */
function effectsOf(fault: Slower): CallEffects {
  if ('readyFalse' in fault) return { readiness: { kind: 'failed', message: fault.readyFalse } }
  if ('readyUnknown' in fault) return { readiness: { kind: 'stuck' } }
  if ('propagation' in fault) return { propagationMs: durationMs(fault.propagation) }
  if ('newAccount' in fault) return { newAccount: fault.newAccount }
  const lagMs = durationMs(fault.latestLags)
  return { latestLagMs: lagMs, listLagMs: fault.listToo ? lagMs : 0 }
}
