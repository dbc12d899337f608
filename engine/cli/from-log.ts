import { existsSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import type { Workspace } from '../disk/workspace.ts'
import type { PlanChange } from '../plan/changes.ts'
import type { RunState } from '../run/state.ts'
import { Problem } from '../runbook/problem.ts'
import { describeValue } from '../steps/describe.ts'
import type { Cloud, CloudChoice, Outside } from './outside.ts'
import { changedFiles, describeChanges } from './plan-fits.ts'
import { type Ready, type Request, readAndBind } from './prepare.ts'
import type { Say } from './say.ts'

/**
 * Binds again what a run of the log was made from: the same files, environment and inputs. Throws Problem where they
 * are no longer the same, with what differs.
 */
export async function bindAsLogged(
  run: RunState,
  repo: string | undefined,
  workspace: Workspace,
  say: Say,
  outside: Outside,
): Promise<Ready> {
  const { from } = run.opened
  if (from === undefined)
    throw new Problem(
      `the log doesn't say what ${run.run} was made from: an earlier Breakglass wrote it`,
      'run its runbooks anew: what is right by then is left alone',
    )
  const changed = await changedFiles(from.sources, workspace)
  if (changed.length > 0) throw otherwise(run, changed)
  const pathsOf = (what: string) =>
    from.sources.filter((each) => each.what === what).map(({ path }) => resolve(workspace.root, path))
  const [inventory] = pathsOf('inventory')
  const repository = repo === undefined ? checkoutOf(from.repository, workspace, say) : resolve(outside.cwd, repo)
  const request: Request = {
    runbooks: pathsOf('runbook'),
    env: from.environment,
    input: from.given,
    ...(inventory === undefined ? {} : { inventory }),
    ...(repository === undefined ? {} : { repo: repository }),
  }
  const ready = await readAndBind(request, undefined, workspace, outside)
  refuseOtherPlan(run, ready)
  return ready
}

/** A checkout that is not on this machine is not looked at, which is said. */
function checkoutOf(named: string | undefined, { root }: Workspace, say: Say): string | undefined {
  if (named === undefined) return undefined
  const folder = isAbsolute(named) ? named : resolve(root, named)
  if (existsSync(folder)) return folder
  say(`The checkout ${named} is not here, so the repository is not looked at; name it with --repo DIR.`)
  return undefined
}

/** The same files must give the same steps: another Breakglass may bind them otherwise. Throws Problem. */
function refuseOtherPlan(run: RunState, { steps, environment }: Ready): void {
  if (run.plan === undefined || run.opened.undoes !== undefined) return
  const changes: PlanChange[] = []
  const was = run.plan.steps.map(({ key }) => key)
  const is = steps.map(({ key }) => key)
  for (const key of was) if (!is.includes(key)) changes.push({ what: key, was: 'in the plan', is: 'not in the plan' })
  for (const key of is) if (!was.includes(key)) changes.push({ what: key, was: 'not in the plan', is: 'in the plan' })
  if (run.plan.environment.project !== environment.project)
    changes.push({ what: 'project', was: run.plan.environment.project, is: describeValue(environment.project) })
  if (changes.length > 0) throw otherwise(run, changes)
}

const otherwise = ({ run }: RunState, changes: PlanChange[]): Problem =>
  new Problem(
    `${run} was made from something else than what is here now, and nothing was changed. What differs:\n${describeChanges(changes)}`,
    'put the files back as they were, or run the runbooks anew: what is right by then is left alone',
  )

/** Refuses to go on with a run in another world than it was in. Throws Problem. */
export function refuseOtherWorld({ run, opened }: RunState, choice: CloudChoice): void {
  const { cloud } = opened
  if (cloud.kind === 'live') {
    if (choice.kind === 'live') return
    throw new Problem(
      `${run} changed the real cloud, and this is a sandbox`,
      'leave out --sandbox and BREAKGLASS_SANDBOX',
    )
  }
  if (choice.kind === 'sandbox') return
  throw new Problem(
    `${run} was in the sandbox ${cloud.scenario}, which must still be running to go on in it; a sandbox that a rehearsal has started for itself is gone with it`,
    'name its address with --sandbox http://127.0.0.1:PORT, or rehearse anew',
  )
}

/** Refuses to go on in another sandbox than the run was in, though it plays the same scenario. Throws Problem. */
export function refuseOtherSandbox({ run, opened }: RunState, { name }: Cloud): void {
  const { cloud } = opened
  if (cloud.kind === 'live' || name.kind === 'live' || cloud.id === undefined || cloud.id === name.id) return
  throw new Problem(
    `${run} was in another sandbox of ${cloud.scenario} than this one of ${name.scenario}, so what it changed is not here`,
    'name the address of the one it was in, or rehearse anew',
  )
}
