import { suggest } from '../../base/suggest.ts'
import { changesOf } from '../step-kinds.ts'
import type { Runbook, StepTemplate } from '../types.ts'
import type { Finding, Path } from './findings.ts'

/** Returns the mistakes in `parallel` and `dependsOn`: on steps without a command, and with unknown or later steps. */
export const lintParallel = ({ steps, verify }: Runbook): Finding[] => [
  ...steps.flatMap((step, index) => [
    ...(changesOf(step) === 'by-command' ? [] : lintUnused(['steps', index], step)),
    ...lintDependencies(['steps', index], step, steps.slice(0, index), steps.slice(index)),
  ]),
  ...verify.flatMap((step, index) => lintUnused(['verify', index], step)),
]

/** Returns the keys on a step that no change command uses. Observing is always parallel; people and waits keep their order. */
const lintUnused = (path: Path, step: StepTemplate): Finding[] =>
  (['parallel', 'dependsOn'] as const)
    .filter((key) => step[key])
    .map((key) => ({
      path: [...path, key],
      on: 'key',
      message: `\`${key}\` only applies to steps that change something with a command`,
      hint: 'remove it',
    }))

/**
 * Checks that a step depends on earlier steps only, so that the order of the file is a valid one, and that those have
 * `dependsOn` too: a step without it already blocks every later step.
 */
const lintDependencies = (
  path: Path,
  { id, dependsOn = [] }: StepTemplate,
  before: StepTemplate[],
  later: StepTemplate[],
) =>
  dependsOn.flatMap((name, index): Finding[] => {
    const dependency = before.find((step) => step.id === name)
    if (dependency?.dependsOn) return []
    return [
      { path: [...path, 'dependsOn', index], ...(dependency ? blocking(name) : missing(name, id, before, later)) },
    ]
  })

const blocking = (name: string) => ({
  message: `\`${name}\` has no \`dependsOn\`, so every later step already waits for it`,
  hint: `add \`dependsOn\` to it if it changes something, or remove it here`,
})

function missing(name: string, id: string, before: StepTemplate[], later: StepTemplate[]) {
  const known = before.map((step) => step.id)
  const meant = suggest(name, known)
  const available = known.length > 0 ? `earlier steps: ${known.join(', ')}` : 'this is the first step: use []'
  if (name === id) return { message: 'a step cannot depend on itself', hint: available }
  if (later.some((step) => step.id === name))
    return {
      message: `this step cannot depend on \`${name}\`, which comes later`,
      hint: `move \`${name}\` before this step`,
    }
  return {
    message: `there is no step \`${name}\` before this one`,
    hint: meant ? `did you mean \`${meant}\`?` : available,
  }
}
