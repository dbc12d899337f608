import type { Fault, FaultRule } from '../model/fault.ts'

/** What a fault rule is matched against; `project` is the id. */
export type FaultSubject = { service: string; method: string; resource: string; project?: string }

/** The faults of a sandbox. */
export type Faults = {
  /** Returns the fault for a call, if one is due; call it exactly once per call, since it counts. */
  take(subject: FaultSubject): Fault | undefined
  /** Returns the rules that haven't been injected so far, for people. */
  unused(): string[]
}

/** Creates the faults of these rules; each rule counts its own calls, and the first rule that is due wins. */
export function createFaults(rules: FaultRule[]): Faults {
  const counts = rules.map(() => 0)
  const used = new Set<FaultRule>()
  return {
    take(subject) {
      let due: FaultRule | undefined
      for (const [i, rule] of rules.entries()) {
        const { on } = rule
        if (on.service !== subject.service || on.method !== subject.method) continue
        if (on.resource !== undefined && on.resource !== subject.resource) continue
        if (on.project !== undefined && on.project !== subject.project) continue
        if (isDue(on.calls ?? 1, ++counts[i]!)) due ??= rule
      }
      if (due) used.add(due)
      return due?.answer
    },
    unused: () => rules.filter((rule) => !used.has(rule)).map(describeRule),
  }
}

function isDue(calls: NonNullable<FaultRule['on']['calls']>, count: number): boolean {
  if (calls === 'every') return true
  if (typeof calls === 'number') return calls === count
  if (Array.isArray(calls)) return calls.includes(count)
  return calls.from <= count && count <= (calls.to ?? count)
}

/** Describes a fault in a word or two for the request log, without the scenario's free text. */
export const describeFault = (fault: Fault): string =>
  Object.entries(fault)
    .filter(([key]) => key !== 'message')
    .map(([key, value]) =>
      key === 'readyFalse' || typeof value === 'object' || value === true ? key : `${key} ${value}`,
    )
    .join(', ')

/** Describes a rule for people: `secretmanager versions.add, call 2: drop after`. */
export function describeRule({ on, answer }: FaultRule): string {
  const about = on.resource === undefined ? '' : ` on ${on.resource}`
  const where = on.project === undefined || on.project === on.resource ? '' : ` in ${on.project}`
  return `${on.service} ${on.method}${about}${where}, ${describeCalls(on.calls ?? 1)}: ${describeFault(answer)}`
}

function describeCalls(calls: NonNullable<FaultRule['on']['calls']>): string {
  if (calls === 'every') return 'every call'
  if (typeof calls === 'number') return `call ${calls}`
  return Array.isArray(calls) ? `calls ${calls.join(', ')}` : `calls ${calls.from} to ${calls.to ?? 'the last'}`
}
