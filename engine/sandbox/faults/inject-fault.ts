import { type Answer, htmlAnswer } from '../model/answer.ts'
import type { Fault, OtherWrite } from '../model/fault.ts'
import { durationMs } from '../model/scenario.ts'
import type { RunProgress } from '../model/world.ts'

/** What the client gets to see: an answer, half of one, a broken connection, or nothing. */
export type Reply =
  | { kind: 'answer'; answer: Answer }
  | { kind: 'truncated'; answer: Answer }
  | { kind: 'dropped' }
  | { kind: 'hung' }
  | { kind: 'late'; answer: Answer; afterMs: number }

/** What a fault makes of a call: what happens before it, whether it takes place, what of it shows later, and what is answered instead of its own answer. */
type Play = {
  before?: true | OtherWrite
  takesPlace: boolean
  /** The API's own refusal, of a call that got there and doesn't take place. */
  refusal?: Answer
  later?: RunProgress
  /** It takes place so much later, in ms. */
  lateMs?: number
  reply(own: Answer | undefined): Reply
}

/** A call that a fault may meet, as far as the fault has a say in it. */
export type Scene = {
  /** Does what the call asks for; to be called at most once. */
  commit(course?: RunProgress): Answer
  /** Has what the call asks for done so much later, in ms. */
  commitLater(ms: number): void
  /** Lets somebody else write the object that the call is about. */
  interfere(write: true | OtherWrite): void
  /** The error answers of the call's API. */
  errors: {
    status(fault: Extract<Fault, { status: number }>): Answer
    apiDisabled(): Answer
    orgPolicy(constraint: string): Answer
  }
}

/** How a call went: what its client is told, whether what it asks for was done, and what its API made of it where it got there. */
export type Played = { reply: Reply; committed: boolean; own?: Answer }

/** Carries out a call under its fault, if it has one. */
export function playCall(fault: Fault | undefined, scene: Scene): Played {
  const { before, takesPlace, refusal, later, lateMs, reply } =
    fault === undefined ? undisturbed : playOf(fault, scene.errors)
  if (before !== undefined) scene.interfere(before)
  if (lateMs !== undefined) scene.commitLater(lateMs)
  const done = takesPlace ? scene.commit(later) : undefined
  const own = done ?? refusal
  return { reply: reply(done), committed: done !== undefined && done.status < 400, ...(own && { own }) }
}

const answered = (own: Answer | undefined): Reply => ({ kind: 'answer', answer: own! })
const undisturbed: Play = { takesPlace: true, reply: answered }

function playOf(fault: Fault, errors: Scene['errors']): Play {
  if ('status' in fault) return refused(errors.status(fault), fault.applied)
  if ('apiDisabled' in fault) return instead(errors.apiDisabled())
  if ('orgPolicy' in fault) return refused(errors.orgPolicy(fault.orgPolicy))
  if ('html' in fault) return instead(htmlAnswer(fault.html, 'Sign in', 'Sign in to this network to go on.'))
  if ('drop' in fault) return { takesPlace: fault.drop === 'after', reply: () => ({ kind: 'dropped' }) }
  if ('hang' in fault) return { takesPlace: fault.applied ?? false, reply: () => ({ kind: 'hung' }) }
  if ('late' in fault)
    return {
      takesPlace: false,
      lateMs: durationMs(fault.late),
      reply: () => ({ kind: fault.reply === 'hang' ? 'hung' : 'dropped' }),
    }
  if ('truncate' in fault) return { takesPlace: true, reply: (own) => ({ kind: 'truncated', answer: own! }) }
  if ('slow' in fault) return { takesPlace: true, reply: late(durationMs(fault.slow)) }
  if ('concurrentWriter' in fault) return { ...undisturbed, before: fault.concurrentWriter }
  return { ...undisturbed, later: courseOf(fault) }
}

const instead = (answer: Answer, applied = false): Play => ({
  takesPlace: applied,
  reply: () => ({ kind: 'answer', answer }),
})

const refused = (answer: Answer, applied?: boolean): Play => ({ ...instead(answer, applied), refusal: answer })

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

/** How what a call starts goes on, by the faults that let it take place and delay or spoil what comes of it. */
function courseOf(fault: Slower): RunProgress {
  if ('readyFalse' in fault) return { readiness: { kind: 'failed', message: fault.readyFalse } }
  if ('readyUnknown' in fault) return { readiness: { kind: 'stuck' } }
  if ('propagation' in fault) return { propagationMs: durationMs(fault.propagation) }
  if ('newAccount' in fault) return { newAccount: fault.newAccount }
  const lagMs = durationMs(fault.latestLags)
  return { latestLagMs: lagMs, listLagMs: fault.listToo ? lagMs : 0 }
}
