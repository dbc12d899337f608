import { own } from '../../base/own.ts'
import { suggest } from '../../base/suggest.ts'
import type { ConcurrentWrite, FaultRule } from '../model/fault.ts'
import { methods } from '../model/methods.ts'
import type { Scenario } from '../model/scenario.ts'
import type { ScenarioError } from '../model/scenario-error.ts'
import { apiMethod } from '../services/apis.ts'
import { appliesTo, describeMethods, kindOf } from './applicability.ts'

/** Returns the semantic errors of a fault that passed the schema. */
export function checkFault(scenario: Scenario, { on, answer }: FaultRule, i: number): ScenarioError[] {
  const at = (path: (string | number)[], message: string): ScenarioError => ({ path: ['faults', i, ...path], message })
  const known: readonly string[] = own<readonly string[]>(methods, on.service) ?? []
  const errors = checkTarget(scenario, on, at)
  const isId = METHOD_ID.test(on.method)
  if (!isId && known.length === 0) {
    const meant = suggest(on.service, Object.keys(methods))
    const hint =
      meant === undefined ? "Give the method's id, as in compute.instances.stop." : `Did you mean '${meant}'?`
    return [...errors, at(['on', 'service'], `The sandbox has no method '${on.method}' of '${on.service}'. ${hint}`)]
  }
  if (!isId && !known.includes(on.method))
    return [
      ...errors,
      at(['on', 'method'], `Service '${on.service}' has no method '${on.method}'. ${whatInstead(on.method, known)}`),
    ]
  if (!appliesTo(answer, on.service, on.method))
    errors.push(
      at(
        ['answer', kindOf(answer)],
        `'${kindOf(answer)}' doesn't apply to ${on.method}, only to ${describeMethods(answer)}.`,
      ),
    )
  else if ('concurrentWriter' in answer && answer.concurrentWriter !== true)
    errors.push(...checkWrite(answer.concurrentWriter, on, at))
  return errors
}

function whatInstead(method: string, known: readonly string[]): string {
  const meant = suggest(method, [...known])
  return meant === undefined ? `It has: ${known.join(', ')}.` : `Did you mean '${meant}'?`
}

/** The id that the SDK gives a method: `compute.instances.stop`. */
const METHOD_ID = /^[a-z]\w*(\.\w+){2,}$/

type At = (path: (string | number)[], message: string) => ScenarioError

function checkTarget({ projects }: Scenario, { service, project, calls }: FaultRule['on'], at: At): ScenarioError[] {
  const errors: ScenarioError[] = []
  if (project !== undefined && service === 'github')
    errors.push(at(['on', 'project'], "GitHub calls don't belong to a project."))
  else if (project !== undefined && !Object.hasOwn(projects, project))
    errors.push(at(['on', 'project'], `Project '${project}' is not in the scenario.`))
  if (typeof calls === 'object' && !Array.isArray(calls) && calls.to !== undefined && calls.to < calls.from)
    errors.push(at(['on', 'calls', 'to'], `The range ends before its first call, ${calls.from}.`))
  return errors
}

function checkWrite(write: ConcurrentWrite, { service, method }: FaultRule['on'], at: At): ScenarioError[] {
  const takes = apiMethod(service, method)?.concurrentWriter?.keys ?? []
  return Object.keys(write)
    .filter((key) => !takes.includes(key as keyof ConcurrentWrite))
    .map((key) =>
      at(
        ['answer', 'concurrentWriter', key],
        `A concurrent writer of ${method} can't write '${key}', only ${takes.join(', ')}.`,
      ),
    )
}
