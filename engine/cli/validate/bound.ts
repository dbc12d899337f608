import type { Json } from '../../base/json.ts'
import { UserError } from '../../base/problem.ts'
import { bindRunbook } from '../../plan/bind.ts'
import { type Budget, newBudget } from '../../runbook/expressions/budget.ts'
import { splitTemplate } from '../../runbook/expressions/template.ts'
import type { Environment, Inventory } from '../../runbook/inventory.ts'
import type { Finding, Path } from '../../runbook/lint/findings.ts'
import { commandsIn, type PlacedCommand } from '../../runbook/lint/gcloud-commands.ts'
import type { Runbook } from '../../runbook/types.ts'
import { ArgumentError } from '../../steps/arguments.ts'

/**
 * Finds arguments that an environment of the inventory binds to values that a run would refuse. Only steps that can have
 * such an argument are bound: most arguments are an ID from the inventory, which its schema already checks.
 */
export function lintBound(runbook: Runbook, inventory: Inventory): Finding[] {
  const budget = newBudget()
  return PARTS.flatMap((part) =>
    runbook[part].flatMap((step, index) => {
      if (budget.left < 0 || !mayBeRefused([part, index], runbook)) return []
      const alone = { ...runbook, steps: [], verify: [], backfill: [], [part]: [step] }
      for (const environment of Object.values(inventory.environments)) {
        const problem = problemOf(alone, inventory, environment, budget)
        if (problem !== undefined && budget.left < 0)
          return [{ path: [part, index], message: problem.message, hint: problem.hint }]
        // Other checks report a missing environment or input.
        const cause = problem instanceof ArgumentError ? problem : problem?.cause
        if (cause instanceof ArgumentError) return findingAt(runbook, [part, index], cause, environment.name)
      }
      return []
    }),
  )
}

const PARTS = ['steps', 'verify'] as const

/** Checks whether a step has an argument that is computed, or that a path or a literal default may enter. */
function mayBeRefused(step: Path, runbook: Runbook): boolean {
  const texts = commandsAt(step, runbook).flatMap(({ args }) => args.filter((arg) => typeof arg === 'string'))
  const expressions = texts
    .flatMap(splitTemplate)
    .flatMap((segment) => ('expression' in segment ? [segment.expression] : []))
  return (
    expressions.some(
      (each) => !/^\s*[A-Za-z]\w*(\.\w+)*\s*$/.test(each) || /^\s*repository\.|\.health\s*$/.test(each),
    ) ||
    (expressions.length > 0 && Object.values(runbook.inputs).some(({ default: given }) => isPath(given)))
  )
}

const isPath = (value: Json | undefined): boolean =>
  Array.isArray(value) ? value.some(isPath) : typeof value === 'string' && !value.includes('${{') && /\/|^-/.test(value)

const commandsAt = (step: Path, runbook: Runbook): PlacedCommand[] =>
  commandsIn(runbook).filter(({ path }) => step.every((key, at) => path[at] === key))

function problemOf(
  runbook: Runbook,
  inventory: Inventory,
  environment: Environment,
  budget: Budget,
): UserError | undefined {
  try {
    bindRunbook(runbook, inventory, environment, {}, new Map(), budget)
    return undefined
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
}

function findingAt(runbook: Runbook, step: Path, { word, fault, hint }: ArgumentError, name: string): Finding[] {
  for (const { path, args } of commandsAt(step, runbook)) {
    const index = args.indexOf(word)
    if (index >= 0) return [{ path: [...path, index], message: `${fault}, as \`${name}\` binds it`, hint }]
  }
  return [{ path: step, message: `${fault}, as \`${name}\` binds it`, hint }]
}
