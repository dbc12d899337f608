import type { Json } from '../../base/json.ts'
import type { Argument } from '../../gcloud-grammar/argument.ts'
import type { GcloudRead, ObserveTemplate, StepTemplate } from '../../runbook/types.ts'

/** A fact that a runbook states about a step: in words, with text to be read literally. */
export type Fact = { says: string; code?: string }

/** Returns what a step is repeated for, observes, expects, does and undoes; expressions are left as written. */
export const factsOf = (step: StepTemplate): Fact[] => [
  ...Object.entries(step.forEach ?? {}).map(([name, list]) => ({ says: `for each ${name} of`, code: list })),
  ...(step.when === undefined ? [] : [{ says: 'only if', code: step.when }]),
  ...(step.risk === undefined ? [] : [{ says: `risk ${step.risk}` }]),
  ...kindFacts(step),
  ...besideFacts(step),
  ...(step.retry ? [{ says: `tries at most ${step.retry.attempts} times, every ${step.retry.every}` }] : []),
]

/** Returns what a change may run in parallel with; nothing if it comes after everything before it. */
function besideFacts({ parallel, dependsOn }: StepTemplate): Fact[] {
  if (!parallel && !dependsOn) return []
  const others = [...(dependsOn ? ['other steps'] : []), ...(parallel ? ['its repetitions'] : [])].join(' and ')
  const after = dependsOn && dependsOn.length > 0 ? `, after ${dependsOn.join(', ')}` : ''
  return [{ says: `with --yes, may run in parallel with ${others}${after}` }]
}

function kindFacts(step: StepTemplate): Fact[] {
  switch (step.kind) {
    case 'gcloud':
      return [
        ...looks(step),
        ...(step.apply ? [{ says: 'do:', code: commandOf(step.apply.gcloud) }] : [{ says: 'only shown' }]),
        ...(step.cannotApply
          ? [
              { says: 'except if', code: step.cannotApply.when },
              { says: `then only shown: ${step.cannotApply.reason}` },
            ]
          : []),
        ...(step.undo
          ? [
              'gcloud' in step.undo
                ? { says: 'undo:', code: commandOf(step.undo.gcloud) }
                : { says: `cannot be undone: ${step.undo.cannotBeUndone}` },
            ]
          : []),
      ]
    case 'secret':
      return [
        { says: `secret ${step.secret.name} must equal`, code: textOf(step.secret.references) },
        { says: 'do: add the value of the reference as a new version' },
        { says: 'undo: add the old value as a newer version' },
      ]
    case 'http':
      return [
        ...(step.http.from ? [{ says: 'observe:', code: commandOf(step.http.from) }] : []),
        { says: `must answer ${step.http.status}:`, code: `GET ${step.http.url}` },
      ]
    case 'workflowRun':
      return [
        { says: `workflow run of ${step.workflowRun.repository} must have succeeded:`, code: step.workflowRun.run },
      ]
    case 'script':
      return [{ says: 'must pass:', code: step.script.run.join(' ') }]
    case 'gate':
      return [
        { says: 'must find no drift:', code: step.gate.runbook },
        ...Object.entries(step.gate.inputs ?? {}).map(([name, value]) => ({
          says: `with ${name}`,
          code: textOf(value),
        })),
      ]
    case 'manual':
      return [
        ...perhapsLooks(step),
        { says: `by hand: ${step.manual.instructions.trim()}` },
        ...(step.manual.evidence === undefined ? [] : [{ says: `asks for: ${step.manual.evidence}` }]),
        ...(step.observe ? [] : [{ says: 'not observed: the record relies on the word of whoever did it' }]),
      ]
    case 'wait':
      return 'for' in step.wait
        ? [{ says: `waits ${step.wait.for}, after a change` }]
        : [...perhapsLooks(step), { says: `waits until that holds, at most ${step.wait.within}` }]
    case 'approve':
      return [{ says: `asks: ${step.approve.question}` }]
  }
}

const perhapsLooks = (step: ObserveTemplate | { observe?: undefined }): Fact[] => (step.observe ? looks(step) : [])

const looks = ({ observe, expect }: ObserveTemplate): Fact[] => [
  ...readsOf(observe.gcloud).map((words) => ({ says: 'observe:', code: commandOf(words) })),
  ...(observe.project === undefined ? [] : [{ says: 'in project', code: observe.project }]),
  { says: 'expects', code: textOf(expect) },
]

const readsOf = (read: GcloudRead): Argument[][] => (Array.isArray(read) ? [read] : Object.values(read))

const commandOf = (words: Argument[]): string =>
  ['gcloud', ...words.map((word) => (typeof word === 'string' ? word : `${word.flag} if ${word.on}`))].join(' ')

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))
