import type { Finding, Path } from './findings.ts'
import { suggest } from './suggest.ts'
import type { Runbook, StepTemplate } from './types.ts'

/** The mistakes in what a runbook says of changes side by side: where nothing is changed, and needs that are no steps before. */
export const lintSideBySide = ({ steps, verify }: Runbook): Finding[] => [
  ...steps.flatMap((step, index) => [
    ...(changes(step) ? [] : lintNothing(['steps', index], step)),
    ...lintNeeds(
      ['steps', index],
      step,
      steps.slice(0, index).map(({ id }) => id),
    ),
  ]),
  ...verify.flatMap((step, index) => lintNothing(['verify', index], step)),
]

const changes = (step: StepTemplate): boolean =>
  step.kind === 'secret' || (step.kind === 'gcloud' && step.apply !== undefined)

/** Only commands are run side by side: a person, a question and a wait have their place in the order, and looking always goes side by side. */
const lintNothing = (path: Path, step: StepTemplate): Finding[] =>
  (['sideBySide', 'needs'] as const)
    .filter((key) => step[key])
    .map((key) => ({
      path: [...path, key],
      on: 'key',
      message: 'no command changes anything here that could go side by side',
      hint: 'leave it out',
    }))

/** What is needed comes before, so that the order of the runbook is one in which it can be done. */
const lintNeeds = (path: Path, { needs = [] }: StepTemplate, before: string[]): Finding[] =>
  needs.flatMap((need, index) => {
    if (before.includes(need)) return []
    const meant = suggest(need, before)
    const there = before.length > 0 ? `before it: ${before.join(', ')}` : 'it is the first step, so it needs none: []'
    return [
      {
        path: [...path, 'needs', index],
        message: `no step before this one has the id \`${need}\``,
        hint: meant ? `did you mean \`${meant}\`?` : there,
      },
    ]
  })
