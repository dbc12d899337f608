import type { Workspace } from '../disk/workspace.ts'
import type { RunState } from '../run/state.ts'
import { type Done, doneOf, undoStep } from '../run/undo.ts'
import type { BoundUndoStep } from '../steps/types.ts'
import { bindAsLogged } from './from-log.ts'
import type { Outside } from './outside.ts'
import type { Ready } from './prepare.ts'
import type { Say } from './say.ts'

/** What takes changes back, bound and ready: the changes, and a step for each. */
export type ReadyUndo = Ready & { dones: Done[]; steps: BoundUndoStep[] }

/** Binds the steps that take these changes back, each from the files that its run was made from. Throws Problem. */
export async function bindUndos(
  undoes: { run: string; step: string }[],
  runs: RunState[],
  workspace: Workspace,
  say: Say,
  outside: Outside,
): Promise<ReadyUndo> {
  const readies = new Map<string, Ready>()
  for (const name of new Set(undoes.map(({ run }) => run))) {
    const run = runs.find((each) => each.run === name)
    if (run) readies.set(name, await bindAsLogged(run, undefined, workspace, say, outside))
  }
  const pairs = undoes.flatMap(({ run, step }) => {
    const state = runs.find((each) => each.run === run)?.steps.get(step)
    const bound = readies.get(run)?.steps.find(({ key }) => key === step)
    return state && bound ? [{ done: doneOf(run, state), bound }] : []
  })
  const [first] = readies.values()
  if (first === undefined) throw new Error('there is no run to take anything back of')
  return {
    ...first,
    dones: pairs.map(({ done }) => done),
    steps: pairs.map(({ done, bound }) => undoStep(done, bound)),
    checks: [],
    backfill: [],
  }
}
