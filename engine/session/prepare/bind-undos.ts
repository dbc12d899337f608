import { sameJson } from '../../base/json.ts'
import { UserError } from '../../base/problem.ts'
import type { Workspace } from '../../disk/workspace.ts'
import { changesInBinding } from '../../plan/bound-changes.ts'
import type { Reached } from '../../plan/types.ts'
import { refuseOtherIntents } from '../../run/derive-undo.ts'
import type { Done } from '../../run/model/progress.ts'
import type { RunState } from '../../run/model/run-state.ts'
import { doneOf, undoStep } from '../../run/undo.ts'
import type { BoundUndoStep } from '../../steps/types.ts'
import type { Print } from '../host/output.ts'
import type { CloudChoice, Runtime } from '../host/runtime.ts'
import { bindAsLogged, type NamedForRun, otherwise, refuseStrangeRunbooks } from './from-log.ts'
import { planHead, type Ready } from './prepare.ts'

/** The steps that undo changes, bound and ready: the changes, and a step for each. */
export type ReadyUndo = Ready & { dones: Done[]; steps: BoundUndoStep[] }

/** Binds the steps that undo these changes, each from the files that its run was made from. Throws UserError. */
export async function bindUndos(
  undoes: { run: string; step: string }[],
  runs: RunState[],
  named: NamedForRun,
  choice: CloudChoice,
  workspace: Workspace,
  print: Print,
  runtime: Runtime,
): Promise<ReadyUndo> {
  const readies = new Map<string, Ready>()
  for (const name of new Set(undoes.map(({ run }) => run))) {
    const run = runs.find((each) => each.run === name)
    if (run) readies.set(name, await bindAsLogged(run, named, choice, workspace, print, runtime))
  }
  refuseStrangeRunbooks(named, [...readies.values()], runtime)
  const pairs = undoes.flatMap(({ run, step }) => {
    const state = runs.find((each) => each.run === run)?.steps.get(step)
    const bound = readies.get(run)?.steps.find(({ key }) => key === step)
    return state && bound ? [{ done: doneOf(run, state), bound }] : []
  })
  const [first, ...others] = readies.values()
  if (first === undefined) throw new Error('there is no run to undo')
  refuseOtherEnvironments(first, others)
  return {
    ...first,
    reaches: reachesOf([first, ...others]),
    dones: pairs.map(({ done }) => done),
    steps: pairs.map(({ done, bound }) => undoStep(done, bound)),
    checks: [],
    backfill: [],
  }
}

/** Returns what an undo reaches: it passes the gates and acquires the locks of the runs that it undoes. */
const reachesOf = (readies: Ready[]): Reached[] =>
  readies
    .flatMap(({ reaches }) => reaches)
    .filter((one, index, all) => all.findIndex((other) => sameJson(one, other)) === index)

/** Refuses changes in several environments: one protection and one policy must hold for everything that is undone together. Throws UserError. */
function refuseOtherEnvironments({ environment }: Ready, others: Ready[]): void {
  const other = others.find(({ environment: { name } }) => name !== environment.name)
  if (other === undefined) return
  throw new UserError(
    `cannot undo changes in ${environment.name} and ${other.environment.name} together`,
    'undo them one run at a time, with --run ID',
  )
}

/** Refuses to resume an undo whose plan doesn't match its steps. Throws UserError. */
export function refuseOtherUndo({ run, plan, steps }: RunState, undo: ReadyUndo): void {
  if (plan === undefined) return
  const changes = changesInBinding(plan, planHead(undo), undo.steps)
  if (changes.length > 0) throw otherwise({ run }, changes)
  refuseOtherIntents(steps, undo.steps)
}
