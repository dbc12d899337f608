import { bindRunbook } from '../plan/bind.ts'
import type { Finding } from '../runbook/findings.ts'
import type { Inventory } from '../runbook/inventory-types.ts'
import { commandsIn } from '../runbook/lint-commands.ts'
import { Problem } from '../runbook/problem.ts'
import type { Runbook } from '../runbook/types.ts'
import { WordProblem } from '../steps/words.ts'

/** Words that an environment of the inventory binds to what a run would refuse, each at its place in the runbook. */
export const lintBound = (runbook: Runbook, inventory: Inventory): Finding[] =>
  (['steps', 'verify'] as const).flatMap((part) =>
    runbook[part].flatMap((step, index) => {
      // A gate is a runbook of its own, and bound as such.
      if (step.kind === 'gate') return []
      const alone = { ...runbook, steps: [], verify: [], backfill: [], [part]: [step] }
      for (const [name, environment] of Object.entries(inventory.environments)) {
        const problem = wordProblem(() => bindRunbook(alone, inventory, environment, {}, new Map()))
        if (problem) return findingAt(runbook, [part, index], problem, name)
      }
      return []
    }),
  )

/** What is wrong with a word; that an environment or an input is lacking is for others to say. */
function wordProblem(bind: () => unknown): WordProblem | undefined {
  try {
    bind()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const cause = error instanceof WordProblem ? error : error.cause
    return cause instanceof WordProblem ? cause : undefined
  }
  return undefined
}

function findingAt(
  runbook: Runbook,
  step: (string | number)[],
  { word, fault, hint }: WordProblem,
  name: string,
): Finding[] {
  const inStep = commandsIn(runbook).filter(({ path }) => step.every((key, at) => path[at] === key))
  for (const { path, words } of inStep) {
    const index = words.indexOf(word)
    if (index >= 0) return [{ path: [...path, index], message: `${fault}, as \`${name}\` binds it`, hint }]
  }
  return [{ path: step, message: `${fault}, as \`${name}\` binds it`, hint }]
}
