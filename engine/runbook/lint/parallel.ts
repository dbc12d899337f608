import { suggest } from '../../base/suggest.ts'
import { changesOf } from '../step-kinds.ts'
import type { Runbook, StepTemplate } from '../types.ts'
import type { Finding, Path } from './findings.ts'

/** The mistakes in what a runbook says of changes side by side: where nothing is changed, and needs that are no steps before. */
export const lintSideBySide = ({ steps, verify }: Runbook): Finding[] => [
  ...steps.flatMap((step, index) => [
    ...(changesOf(step) === 'by-command' ? [] : lintNothing(['steps', index], step)),
    ...lintNeeds(['steps', index], step, steps.slice(0, index), steps.slice(index)),
  ]),
  ...verify.flatMap((step, index) => lintNothing(['verify', index], step)),
]

/** Only commands are run side by side: a person, a question and a wait have their place in the order, and looking always goes side by side. */
const lintNothing = (path: Path, step: StepTemplate): Finding[] =>
  (['parallel', 'dependsOn'] as const)
    .filter((key) => step[key])
    .map((key) => ({
      path: [...path, key],
      on: 'key',
      message: 'no command changes anything here that could go side by side',
      hint: 'leave it out',
    }))

/** What is needed comes before, so that the runbook's order is one in which it can be done, and says what it needs itself: else everything after it waits for it anyway. */
const lintNeeds = (path: Path, { id, dependsOn = [] }: StepTemplate, before: StepTemplate[], later: StepTemplate[]) =>
  dependsOn.flatMap((need, index): Finding[] => {
    const needed = before.find((step) => step.id === need)
    if (needed?.dependsOn) return []
    return [{ path: [...path, 'dependsOn', index], ...(needed ? silent(need) : missing(need, id, before, later)) }]
  })

const silent = (need: string) => ({
  message: `\`${need}\` does not say what it needs itself, so every step after it waits for it anyway`,
  hint: `give it \`needs\` too if it changes something, or leave it out here`,
})

function missing(need: string, id: string, before: StepTemplate[], later: StepTemplate[]) {
  const known = before.map((step) => step.id)
  const meant = suggest(need, known)
  const there = known.length > 0 ? `before it: ${known.join(', ')}` : 'it is the first step, so it needs none: []'
  if (need === id) return { message: 'a step does not need itself', hint: there }
  if (later.some((step) => step.id === need))
    return {
      message: `\`${need}\` comes later, so it can't be needed here`,
      hint: `move that step up, or this one down`,
    }
  return { message: `there is no step \`${need}\` before this one`, hint: meant ? `did you mean \`${meant}\`?` : there }
}
