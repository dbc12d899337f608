import { type Answer, type ErrorForm, errorAnswer, htmlAnswer, statusWord } from './answer.ts'
import type { Method, Service } from './methods.ts'
import { policyByAnother } from './policy.ts'
import { stampVersion } from './run-write.ts'
import { durationMs, type FaultAnswer, type FaultRule } from './scenario.ts'
import type { Project, Readiness, World } from './world.ts'

/** What a fault looks at to tell whether a call is meant; `project` is the id. */
export type FaultSubject = { service: Service; method: Method; resource: string; project?: string }

/** Gives the fault that meets a call, if any; to be asked exactly once a call, since it counts. */
export type Faults = (subject: FaultSubject) => FaultAnswer | undefined

/** What the client gets to see: an answer, half of one, a broken connection, or nothing. */
export type Reply =
  | { kind: 'answer'; answer: Answer }
  | { kind: 'truncated'; answer: Answer }
  | { kind: 'dropped' }
  | { kind: 'hung' }
  | { kind: 'late'; answer: Answer; afterMs: number }

/** Faults by these rules; each counts its own calls, and the first rule that is due wins. */
export function createFaults(rules: FaultRule[]): Faults {
  const counts = rules.map(() => 0)
  return (subject) => {
    let due: FaultAnswer | undefined
    for (const [i, { on, answer }] of rules.entries()) {
      if (on.service !== subject.service || on.method !== subject.method) continue
      if (on.resource !== undefined && on.resource !== subject.resource) continue
      if (on.project !== undefined && on.project !== subject.project) continue
      const count = ++counts[i]!
      const calls = on.calls ?? [1]
      if (calls === 'every' || calls.includes(count)) due ??= answer
    }
    return due
  }
}

/** A fault in a word or two, for the request log; the text of its answer could be anything and is left out. */
export const describeFault = (fault: FaultAnswer): string =>
  Object.entries(fault)
    .filter(([key]) => key !== 'message')
    .map(([key, value]) => (value === true ? key : `${key} ${value}`))
    .join(', ')

/** Carries out a call under its fault; `commit` does what the call asks for, at most once. */
export function replyUnder(
  fault: FaultAnswer | undefined,
  commit: (readiness?: Readiness) => Answer,
  interfere: () => void,
  errorForm: ErrorForm = errorAnswer,
): Reply {
  if (fault === undefined) return { kind: 'answer', answer: commit() }
  if ('status' in fault) {
    if (fault.applied) commit()
    return { kind: 'answer', answer: faultyStatus(fault, errorForm) }
  }
  if ('drop' in fault) {
    if (fault.drop === 'after') commit()
    return { kind: 'dropped' }
  }
  if ('html' in fault)
    return { kind: 'answer', answer: htmlAnswer(fault.html, 'Sign in', 'Sign in to this network to go on.') }
  if ('truncate' in fault) return { kind: 'truncated', answer: commit() }
  if ('slow' in fault) return { kind: 'late', answer: commit(), afterMs: durationMs(fault.slow) }
  if ('hang' in fault) return { kind: 'hung' }
  if ('concurrentWriter' in fault) {
    interfere()
    return { kind: 'answer', answer: commit() }
  }
  if ('readyFalse' in fault) return { kind: 'answer', answer: commit({ kind: 'failed', message: fault.readyFalse }) }
  return { kind: 'answer', answer: commit({ kind: 'stuck' }) }
}

/** Somebody else's write of the object that a call is about to replace. */
export function writeByAnother(world: World, { id }: Project, { service, method, resource }: FaultSubject): void {
  const project = world.projects.find((each) => each.id === id)!
  const run = service === 'run' ? project.services.get(resource) : undefined
  if (service === 'cloudresourcemanager') project.policy = policyByAnother(world.random, project.policy)
  else if (run && method === 'services.setIamPolicy') run.policy = policyByAnother(world.random, run.policy)
  else if (run) {
    run.annotations = { ...run.annotations, 'run.googleapis.com/client-name': 'cloud-console' }
    run.generation += 1
    stampVersion(world, run)
  }
}

function faultyStatus(fault: Extract<FaultAnswer, { status: number }>, errorForm: ErrorForm): Answer {
  const word = fault.reason ?? statusWord(fault.status)
  const answer = errorForm(fault.status, fault.message ?? `The sandbox was told to answer ${word}.`, word)
  if (fault.retryAfter !== undefined)
    answer.headers['retry-after'] = String(Math.ceil(durationMs(fault.retryAfter) / 1000))
  return answer
}
